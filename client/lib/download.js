// Downloads: the browser fetches them by itself, so the permission has to be in the address.

import { getAuthUrl } from './tokens.js';

// Begins a download; or, with `newTab`, shows the file. Throws AuthGateError when there is no token.
export async function openDownload(url, { purpose = 'download', filename = '', newTab = false } = {}) {
  // Only while the click is being handled may a page open a tab.
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
