// Socket.IO's client, of the application's packages.

import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export const load = (site, name) => createRequire(join(site.packages, 'package.json'))(name);

// Connects by a path with a token. Resolves when the server has accepted the socket.
export async function socketIo(site, path, auth) {
  const token = new URL(path, site.url).searchParams.get('token');
  const options = { transports: ['websocket'], query: { token }, auth, reconnection: false };
  const socket = load(site, 'socket.io-client').io(site.url, options);
  await Promise.race([once(socket, 'connect'), once(socket, 'connect_error').then(([error]) => { throw error; })]);
  return socket;
}
