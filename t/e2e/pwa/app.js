// The pages of an application whose service worker answers every navigation with the same page.

const show = (text) => { document.getElementById('trips').textContent = text; };

fetch('/api/trips', { headers: { Authorization: `Bearer ${localStorage.getItem('jwt')}` } })
  .then(async (response) => show(response.ok ? `Trips: ${(await response.json()).trips.length}` : 'Failed to load'));
