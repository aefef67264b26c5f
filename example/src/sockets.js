// The live channel at /ws: welcomes, echoes, broadcasts.

import { WebSocket, WebSocketServer } from 'ws';
import { bearerToken } from './sessions.js';

const MAX_MESSAGE = 64 * 1024;
const HEARTBEAT_MS = 30_000;

export function attachSockets(server, { sessions, logRequest }) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  let lastId = 0;

  server.on('upgrade', (req, connection, head) => {
    connection.on('error', () => connection.destroy());
    logRequest(req);
    const url = parseTarget(req.url);
    if (url?.pathname !== '/ws') return refuse(connection, 404, 'Not Found', { error: 'Not found' });
    const token = url.searchParams.get('token') ?? bearerToken(req);
    const user = token ? sessions.user(token) : null;
    if (!user) {
      const error = token ? 'Invalid or expired token' : 'Access token required';
      return refuse(connection, 401, 'Unauthorized', { error, code: 'AUTH_REQUIRED' });
    }
    sockets.handleUpgrade(req, connection, head, (socket) => welcome(socket, user));
  });

  function welcome(socket, user) {
    socket.id = ++lastId;
    socket.alive = true;
    socket.on('pong', () => { socket.alive = true; });
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => {
      if (isBinary) return socket.close(1003, 'Text only');
      answer(socket, user, parseMessage(data.toString()));
    });
    send(socket, { type: 'welcome', socketId: socket.id });
  }

  function answer(socket, user, message) {
    if (message?.type !== 'broadcast') return send(socket, { type: 'echo', message });
    const from = { socketId: socket.id, username: user.username };
    for (const other of sockets.clients) {
      if (other !== socket) send(other, { ...message, from });
    }
  }

  // Pings detect connections that broke without a close frame.
  const heartbeat = setInterval(() => {
    for (const socket of sockets.clients) {
      if (!socket.alive) socket.terminate();
      socket.alive = false;
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    }
  }, HEARTBEAT_MS).unref();

  return function closeAll() {
    clearInterval(heartbeat);
    for (const socket of sockets.clients) {
      socket.close(1001, 'Going away');
      socket.terminate();
    }
  };
}

function send(socket, message) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

// Anything that is not JSON is treated as plain text.
function parseMessage(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseTarget(target) {
  try {
    return new URL(target, 'http://localhost');
  } catch {
    return null;
  }
}

function refuse(connection, status, reason, body) {
  const text = JSON.stringify(body);
  connection.end([
    `HTTP/1.1 ${status} ${reason}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n'));
}
