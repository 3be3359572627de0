# Serves the config.ru of the present folder at ARGV[0], host and port, as a Rack server does: one request a
# connection, with no more of Rack than the guide's application uses.
require "socket"
require "stringio"

def run(app)
  $app = app
end
load "#{Dir.pwd}/config.ru"

host, port = ARGV[0].split(":")
server = TCPServer.new(host, port.to_i)
warn "Listening on http://#{ARGV[0]}"
loop do
  socket = server.accept
  socket.gets
  env, length = {}, 0
  while (line = socket.gets.chomp) != ""
    name, value = line.split(": ", 2)
    env["HTTP_#{name.upcase.tr("-", "_")}"] = value
    length = value.to_i if name.downcase == "content-length"
  end
  env["rack.input"] = StringIO.new(socket.read(length))
  status, = $app.call(env)
  socket.write("HTTP/1.1 #{status} Answer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  socket.close
end
