// Everything that a page needs. Each part can also be imported on its own.

export { AuthedImg } from './authed-img.js';
export { configure } from './lib/config.js';
export { openDownload } from './lib/download.js';
export { AuthGateError } from './lib/errors.js';
export { authedFetch } from './lib/fetch.js';
export { connectWebSocket } from './lib/socket.js';
export { getAuthUrl } from './lib/tokens.js';
