// Downloads: the browser fetches them by itself, so the token must be in the URL.

import { AuthGateError } from './errors.js';
import { getAuthUrl } from './tokens.js';

// Starts a download, or shows the file with `newTab`. Throws AuthGateError if there is no token.
export async function openDownload(url, { purpose = 'download', filename = '', newTab = false } = {}) {
  if (String(url ?? '').trim() === '') throw new AuthGateError('BAD_URL');
  // A page may open a tab only while it handles a click.
  const tab = newTab ? window.open('', '_blank') : null;
  if (tab) tab.opener = null;
  try {
    const address = await getAuthUrl(url, purpose);
    if (tab) tab.location.replace(new URL(address, document.baseURI).href);
    else follow(address, filename, newTab);
  } catch (error) {
    tab?.close();
    throw error;
  }
}

function follow(address, filename, newTab) {
  const link = document.createElement('a');
  link.href = address;
  link.rel = 'noopener noreferrer';
  if (newTab) link.target = '_blank';
  else link.download = filename;
  link.click();
}
