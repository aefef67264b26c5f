// Everything that a page needs. Each part can also be imported on its own.

export { AuthedImg } from './authed-img.js';
export { configure } from './lib/config.js';
export { openDownload } from './lib/download.js';
export { AuthGateError, closeRefusal } from './lib/errors.js';
export { connectEventSource } from './lib/event-source.js';
export { authedFetch } from './lib/fetch.js';
export { shouldRetry } from './lib/refused.js';
export { connectSocketIo } from './lib/socket-io.js';
export { getSocketUrl } from './lib/socket-url.js';
export { connectWebSocket } from './lib/socket.js';
export { getAuthUrl, getToken } from './lib/tokens.js';
