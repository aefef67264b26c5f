// Uses all exports of the package, for the TypeScript compiler. It is never run.

import * as React from 'react';
import {
  AuthedImg, AuthGateError, authedFetch, closeRefusal, configure, connectEventSource, connectSocketIo, connectWebSocket, getAuthUrl,
  getSocketUrl, getToken, openDownload, shouldRetry,
  type AuthGateConfig, type AuthGateErrorCode, type AuthGateEventSource, type AuthGateSocket,
} from 'nginx-auth-gate-client';
import 'nginx-auth-gate-client/authed-img.js';
import { createAuthedImg } from 'nginx-auth-gate-client/react.js';
import { createI18n, LANGUAGES, type I18n, type Language } from 'nginx-auth-gate-client/i18n/index.js';
import { languagePicker, translate, translateDocument } from 'nginx-auth-gate-client/i18n/dom.js';

const some: Partial<AuthGateConfig> = { getJwt: () => sessionStorage.getItem('session'), origins: ['https://api.example'], imageMode: 'blob' };
configure(some);
configure({ getJwt: null, tokenParameter: 'access_token', onMfaRequired: ({ code, refresh, retryAfter }) => console.log(code, !refresh, retryAfter?.toFixed()) });
// @ts-expect-error No such member.
configure({ jwt: 'x' });
// @ts-expect-error No such mode.
configure({ imageMode: 'data' });

const address: string = await getAuthUrl(new URL('/a', location.href), 'immich', { signal: AbortSignal.timeout(5) });
// @ts-expect-error A purpose is required.
await getAuthUrl(address);
const response: Response = await authedFetch('/api/trips', { method: 'POST', body: '{}' });
await openDownload('/file', { filename: 'a.txt', newTab: true, purpose: 'download' });

const socket: AuthGateSocket = connectWebSocket('/ws', {
  protocols: ['a'],
  onMessage: ({ data }) => console.log(typeof data === 'string' ? data.length : data),
  onRetry: ({ delay, error }) => console.log(delay + 1, error.passing),
  onMfaRequired: (error) => console.log(error.message),
});
socket.addEventListener('close', ({ code, reason, wasClean }) => console.log(code.toFixed(), reason, wasClean));
socket.addEventListener('stopped', ({ error }) => console.log(error.code));
socket.send(new Uint8Array(1));
socket.close(1000, 'done');
// @ts-expect-error Not one of the four states.
if (socket.state === 'lost') console.log(response.status);

const source: AuthGateEventSource = connectEventSource('/events', {
  purpose: 'events',
  lastEventId: '7',
  signal: AbortSignal.timeout(5),
  onMessage: ({ data, lastEventId }) => console.log(data.length, lastEventId),
  onStopped: ({ error }) => console.log(error?.code ?? 'no more'),
});
source.addEventListener('retry', ({ delay, error }) => console.log(delay + 1, error.passing));
source.addEventListener('price', (event) => console.log((event as MessageEvent<string>).data));
connectEventSource(new URL('/events', location.href), { purpose: null }).close();
// @ts-expect-error Not one of the four states.
if (source.state === 'lost') source.close();

const nothing: string = await getAuthUrl(null, 'download');
const token: string = await getToken('ws', { path: new URL('/hubs/chat', location.href), method: 'GET', signal: AbortSignal.timeout(5) });
const wss: string = await getSocketUrl('/graphql', 'ws');
console.log(nothing, token, wss, shouldRetry(new Event('close')), closeRefusal({ code: 4001, reason: '' })?.code);
const io = connectSocketIo(await import('socket.io-client'), '/', { path: '/live', onStopped: ({ code: why }) => console.log(why) });
io.on('welcome', () => io.disconnect());

const picture = document.createElement('authed-img');
await picture.load();
picture.image.decoding = 'async';
const known: AuthedImg = picture;
const code: AuthGateErrorCode | undefined = known.error?.code;
try {
  await openDownload('/x');
} catch (error) {
  if (error instanceof AuthGateError && error.code !== code) console.log(error.status);
}

const { AuthedImg: Picture, ImmichImg } = createAuthedImg(React);
export const pictures = (
  <>
    <Picture src="/a" purpose="immich" mode="blob" className="wide" onError={({ error }) => console.log(error.code)} />
    <ImmichImg key={7} assetId="7" size="original" alt="Lake" style={{ width: 9 }} ref={React.createRef()} />
    {/* @ts-expect-error An asset has to be named. */}
    <ImmichImg size="original" />
  </>
);

const i18n: I18n = await createI18n({ languages: LANGUAGES, wishes: ['de'], storage: null });
const language: Language = i18n.language;
await i18n.setLanguage(language.code);
translate(i18n, document.body);
translateDocument(i18n);
languagePicker(i18n, document.createElement('select'));
console.log(i18n.t('admin.dry_run_count', { count: 3 }));
