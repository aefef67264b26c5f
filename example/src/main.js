// Starts the application, prints its URL, and stops it on a signal.

import { createServer } from 'node:http';
import { createApp } from './app.js';
import { ConfigError, readConfig } from './config.js';
import { createRequestLog } from './request-log.js';
import { seed } from './seed.js';
import { Sessions } from './sessions.js';
import { attachSockets } from './sockets.js';

function fail(message) {
  console.error(`example: ${message}`);
  process.exit(1);
}

async function start() {
  const config = readConfig(process.env);
  const state = await seed(config.dataDir);
  const sessions = new Sessions(config.jwtSecret, state.users);
  const logRequest = createRequestLog(config.requestLog);

  const server = createServer(createApp({ ...state, sessions, logRequest }));
  const closeSockets = attachSockets(server, { sessions, logRequest });

  server.on('error', (error) => fail(error.message));
  server.listen(config.port, '127.0.0.1', () => {
    console.log(`example: listening on http://127.0.0.1:${server.address().port}`);
  });

  return () => {
    closeSockets();
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
}

let stop = () => process.exit(0);
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop());

try {
  stop = await start();
} catch (error) {
  fail(error instanceof ConfigError ? error.message : error.stack);
}
