# Prints what the guide's verifier says to each of the vectors.
require "json"
require "#{Dir.pwd}/verify"

JSON.parse(File.read(ARGV[0], encoding: "UTF-8"))["vectors"].each do |v|
  puts verify(v["header"].join(","), v["body"] * (v["repeat"] || 1), v["secrets"], v["now"])
end
