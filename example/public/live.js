// Live messages. The client fetches a new token for each connection, and reconnects when the connection is lost.

import { connectWebSocket } from '/auth-gate/index.js';
import { byId, element, onSubmit, phrase, tell, written } from './dom.js';
import { setText, t } from './texts.js';

let socket = null;
let user = null;

export function connectLive(who) {
  user = who;
  if (socket) return;
  setState('', 'live.connecting');
  socket = connectWebSocket('/ws', {
    onMessage: ({ data }) => receive(JSON.parse(data)),
    onRetry: () => setState('', 'live.retry'),
    onStopped: ({ error }) => {
      socket = null;
      setState('off', 'live.off');
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
    setState('on', 'live.on');
    if (byId('live-messages').childElementCount === 0) add('note', null, phrase('live.welcome'));
  } else if (message.type === 'broadcast') {
    add('theirs', message.from.username, written(String(message.text)));
  }
}

function add(className, from, content) {
  const list = byId('live-messages');
  list.append(element('li', { className }, ...(from ? [element('span', { className: 'from', textContent: from })] : []), content));
  list.scrollTop = list.scrollHeight;
}

function setState(className, key) {
  const state = byId('live-state');
  state.className = `badge ${className}`;
  setText(state, key);
}

onSubmit(byId('live-form'), () => {
  if (socket?.state !== 'open') throw new Error(t('live.none'));
  const text = byId('live-text').value;
  socket.send(JSON.stringify({ type: 'broadcast', text }));
  add('mine', user.username, written(text));
  byId('live-text').value = '';
});
