// Socket.IO's client (4.8 or later) with a new token for each connection.

import { config } from './config.js';
import { AuthGateError, closeRefusal } from './errors.js';
import { tellRefusal } from './refused.js';
import { getToken } from './tokens.js';

// `client` is the module socket.io-client. Returns its socket. Its own options, reconnection included, stay as they are;
// the transport is WebSocket, because a token is good for one request.
export function connectSocketIo(client, url, given = {}) {
  const { purpose = 'ws', onAuthRequired, onMfaRequired, onStopped, ...options } = given;
  const stop = (error) => {
    for (const socket of Object.values(manager.nsps)) socket.disconnect();
    onStopped?.(error);
    tellRefusal(error, { onAuthRequired, onMfaRequired });
  };
  // The client is still at work with the connection that has just ended.
  const refused = (error) => queueMicrotask(() => stop(error));
  const transport = authedTransport(client.WebSocket, purpose, refused);
  // Sockets of one page usually share a connection, and would share that of a socket without a token.
  const socket = client.io(url, { ...options, forceNew: true, transports: [transport] });
  const { io: manager } = socket;
  return socket;
}

// The class that Socket.IO calls a transport. The names of its members are Engine.IO's.
function authedTransport(WebSocketTransport, purpose, refused) {
  return class AuthedWebSocket extends WebSocketTransport {
    async doOpen() {
      try {
        this.query[config.tokenParameter] = await getToken(purpose, { path: this.uri() });
      } catch (error) {
        if (this.readyState === 'opening') this.#failed(error);
        return;
      }
      if (this.readyState === 'opening') super.doOpen();
    }

    onClose(details) {
      const error = details?.context && closeRefusal(details.context);
      if (error && !error.passing) refused(error);
      if (!details?.context || this.socket.readyState !== 'opening') return super.onClose(details);
      // Before it is open, Socket.IO does not look for a close: it would wait for its timeout.
      return this.onError('websocket closed', details.context.code, details.context);
    }

    #failed(error) {
      if (error instanceof AuthGateError && !error.passing) refused(error);
      this.onError(error.message, error);
    }
  };
}
