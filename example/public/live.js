// Live messages. The client fetches a new token for each connection, and connects again when it is lost.

import { connectWebSocket } from '/auth-gate/index.js';
import { byId, element, onSubmit, tell } from './dom.js';

let socket = null;
let user = null;

export function connectLive(who) {
  user = who;
  if (socket) return;
  setState('', 'connecting');
  socket = connectWebSocket('/ws', {
    onMessage: ({ data }) => receive(JSON.parse(data)),
    onRetry: ({ delay }) => setState('', `again in ${Math.ceil(delay / 1000)} s`),
    onStopped: ({ error }) => {
      socket = null;
      setState('off', 'disconnected');
      tell(error);
    },
  });
}

export function disconnectLive() {
  socket?.close();
  socket = null;
  byId('live-messages').replaceChildren();
}

function receive(message) {
  if (message.type === 'welcome') {
    setState('on', 'live');
    if (byId('live-messages').childElementCount === 0) add('note', null, 'You are in. Open a second window, and talk to yourself.');
  } else if (message.type === 'broadcast') {
    add('theirs', message.from.username, message.text);
  }
}

function add(className, from, text) {
  const list = byId('live-messages');
  list.append(element('li', { className }, ...(from ? [element('span', { className: 'from', textContent: from })] : []), String(text)));
  list.scrollTop = list.scrollHeight;
}

function setState(className, text) {
  byId('live-state').className = `badge ${className}`;
  byId('live-state').textContent = text;
}

onSubmit(byId('live-form'), () => {
  if (socket?.state !== 'open') throw new Error('There is no connection at the moment.');
  const text = byId('live-text').value;
  socket.send(JSON.stringify({ type: 'broadcast', text }));
  add('mine', user.username, text);
  byId('live-text').value = '';
});
