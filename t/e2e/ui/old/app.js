// An application that knows nothing about refusals: its session is a JWT in localStorage, and an error is "failed to load".

const jwt = localStorage.getItem('jwt');
const headers = { ...(jwt && { Authorization: `Bearer ${jwt}`, 'X-App': '7' }) };

window.load = {
  async fetch() {
    const response = await fetch('/api/trips', { headers });
    return [response.status, await response.text()];
  },
  xhr: (type) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open('GET', '/api/trips');
    request.responseType = type;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.onload = () => resolve([request.status, request.response]);
    request.send();
  }),
};

// Shortcuts for the whole page, as many applications have.
window.pressed = [];
for (const target of [window, document]) {
  target.addEventListener('keydown', (event) => {
    window.pressed.push(event.key);
    if (/^[0-9]$/.test(event.key)) event.preventDefault();
  }, true);
}

window.show = async (how = 'fetch', type = '') => {
  const [status, text] = await window.load[how](type);
  document.getElementById('trips').textContent = status === 200 ? `Trips: ${JSON.parse(text).trips.join()}` : 'Failed to load';
};
if (!location.hash) window.show();
