// Live messages: a socket, opened with a token that works once, opened again when it is lost.

import { getAuthUrl } from './auth-url.js';
import { attempt, byId, element, onSubmit, showNotice } from './dom.js';

const CLOSED_FOR_GOOD = [4403];
const LONGEST_WAIT_MS = 30_000;

let wanted = false;
let socket = null;
let retryTimer;
let failures = 0;

export function connectLive() {
  if (wanted) return;
  wanted = true;
  failures = 0;
  attempt(open);
}

export function disconnectLive() {
  wanted = false;
  clearTimeout(retryTimer);
  socket?.close();
  byId('live-messages').replaceChildren();
}

async function open() {
  let url;
  try {
    url = await getAuthUrl('/ws', 'ws');
  } catch (error) {
    wanted = false;
    throw error;
  }
  if (!wanted) return;
  const opened = new WebSocket(url.replace(/^http/, 'ws'));
  socket = opened;
  opened.addEventListener('message', ({ data }) => receive(JSON.parse(data)));
  opened.addEventListener('close', ({ code, reason }) => {
    if (socket === opened) lost(code, reason);
  });
}

function lost(code, reason) {
  socket = null;
  setState(false, `closed: ${reason || code}`);
  if (!wanted) return;
  if (CLOSED_FOR_GOOD.includes(code)) {
    wanted = false;
    return showNotice(reason);
  }
  retryTimer = setTimeout(() => attempt(open), Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures++));
}

function receive(message) {
  if (message.type === 'welcome') {
    failures = 0;
    setState(true, `connected as ${message.socketId}`);
    add('server', 'welcome');
  } else if (message.type === 'broadcast') {
    add(message.from.username, message.text);
  }
}

function add(from, text) {
  const list = byId('live-messages');
  list.append(element('li', {}, element('span', { className: 'from', textContent: `${from}: ` }), String(text)));
  list.scrollTop = list.scrollHeight;
}

function setState(on, text) {
  const badge = byId('live-state');
  badge.textContent = text;
  badge.classList.toggle('on', on);
}

onSubmit(byId('live-form'), () => {
  if (socket?.readyState !== WebSocket.OPEN) throw new Error('Not connected');
  const text = byId('live-text').value;
  socket.send(JSON.stringify({ type: 'broadcast', text }));
  add('you', text);
  byId('live-text').value = '';
});
