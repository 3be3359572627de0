#!/bin/sh
# Proves that ogen, which stops at OpenAPI 3.0, makes a client of the 3.0.3 copy and that it compiles.
# Works in a module of its own outside the repository; needs the network.
set -eu
contract=$(cd "$(dirname "$0")/../../openapi" && pwd)/tbc-v1.oas30.yaml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
go mod init example.com/client
go run github.com/ogen-go/ogen/cmd/ogen@v1.24.0 --loglevel error --target api --package api "$contract"
go get github.com/ogen-go/ogen@v1.24.0
go mod tidy
go vet ./api
echo "ogen: the client compiles"
