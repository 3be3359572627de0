#!/bin/sh
# Runs every fuzz target of difftest, one after the other: fuzz.sh [TOTAL], where TOTAL is a number
# of seconds, or of minutes with an m behind it (default 1m), shared out evenly among the targets.
set -eu
cd "$(dirname "$0")/difftest"
total=${1:-1m}
case $total in
*m) total=$((${total%m} * 60)) ;;
*s) total=${total%s} ;;
esac
targets=$(go test -list '^Fuzz' . | grep '^Fuzz')
each=$((total / $(echo "$targets" | wc -l)))
[ "$each" -ge 1 ] || each=1
for target in $targets; do
	echo "$target for ${each}s"
	# An input is made small for a moment only: left alone, that takes a minute of each find.
	go test -run '^$' -fuzz "^$target\$" -fuzztime "${each}s" -fuzzminimizetime 20x .
done
