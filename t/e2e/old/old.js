// An application that knows nothing about the gate: it puts the JWT into every URL.

const jwt = sessionStorage.getItem('session');
const withJwt = (path) => `${path}?token=${jwt}`;

async function start() {
  const headers = { Authorization: `Bearer ${jwt}` };
  const { assets } = await (await fetch('/api/integrations/immich/assets', { headers })).json();
  window.thumbnails = assets.map(({ id }) => withJwt(`/api/integrations/immich/assets/${id}/thumbnail`));
  window.file = withJwt('/api/trips/1/files/1/download');

  document.getElementById('gallery').innerHTML = window.thumbnails
    .map((url, i) => `<figure><img src="${url}&size=${i}" alt="Picture ${i}" width="120"><figcaption>${i}</figcaption></figure>`)
    .join('');
  document.getElementById('download').href = window.file;

  const socket = new WebSocket(`ws://${location.host}${withJwt('/ws')}`);
  socket.onmessage = ({ data }) => { document.getElementById('live').textContent = JSON.parse(data).type; };
  window.ready = true;
}

// Adds a picture made by make(url), and resolves to its width.
window.pictureBy = (make, n = 0) => new Promise((resolve, reject) => {
  const image = make(window.thumbnails[n], document.getElementById('main'));
  if (image.complete && image.naturalWidth) resolve(image.naturalWidth);
  image.addEventListener('load', () => resolve(image.naturalWidth));
  image.addEventListener('error', () => reject(new Error('the picture is broken')));
});

start();
