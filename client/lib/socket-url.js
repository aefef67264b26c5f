// The URLs of WebSockets.

import { requireTrusted } from './config.js';
import { getAuthUrl } from './tokens.js';

// Absolute, since not every browser takes a relative one.
export function socketAddress(path) {
  const url = requireTrusted(String(path));
  url.protocol = url.protocol.replace(/^http/, 'ws');
  url.hash = '';
  return url.href;
}

// Returns the URL of a WebSocket, ws: or wss:, with a new token: good for one connection.
export const getSocketUrl = async (path, purpose = 'ws', options = {}) => getAuthUrl(socketAddress(path), purpose, options);
