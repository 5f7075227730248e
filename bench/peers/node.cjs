// A peer on Node: `node node.cjs PORT ws|socketio`. One room, one publisher, nobody is asked who they are.
const http = require('node:http')

const [port, kind] = [Number(process.argv[2]), process.argv[3]]
const server = http.createServer()
const BACKLOG = 4096

// As fast as `ws` can be used: the frame is built once and written to every socket.
function preframed() {
  const { WebSocketServer, Sender } = require('ws')
  const room = new Set()
  new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (viewer, request) => {
    if (request.url !== '/pub') {
      room.add(viewer)
      viewer.on('close', () => room.delete(viewer))
      return
    }
    viewer.on('message', (message) => {
      const options = { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }
      const framed = Buffer.concat(Sender.frame(message, options))
      for (const one of room) one._socket.write(framed)
    })
  })
}

function rooms() {
  const { Server } = require('socket.io')
  const quiet = { pingInterval: 60000, pingTimeout: 60000, serveClient: false, httpCompression: false }
  const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, ...quiet })
  io.on('connection', (one) => {
    if (one.handshake.query.pub) one.on('pub', (data) => io.to('room').emit('m', data))
    else one.join('room')
  })
}

kind === 'ws' ? preframed() : rooms()
server.listen(port, '127.0.0.1', BACKLOG)
