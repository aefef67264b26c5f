// An OpenID provider for the demo and the tests: oidc-provider, with the example's users and a sign-in page.
//
//     PORT=0 REDIRECT_URIS=http://127.0.0.1:8080/api/auth/oidc/callback node example/provider.js
//
// Prints "listening on <issuer>". CLIENT_ID, CLIENT_SECRET and SIGNING_ALG (such as ES384) are optional, as is
// CLIENT_METADATA, which is JSON.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

import { Provider } from 'oidc-provider';

const env = process.env;
const clientId = env.CLIENT_ID || 'auth-gate';
const alg = env.SIGNING_ALG || 'RS256';

const people = {
  alice: { email: 'alice@example.test', email_verified: true, name: 'Alice', password: 'alice-password' },
  bob: { email: 'bob@example.test', email_verified: true, name: 'Bob', password: 'bob-password' },
  admin: { email: 'admin@example.test', email_verified: true, name: 'Admin', password: 'admin-password' },
};

const rsa = ['rsa', { modulusLength: 2048 }];
const keyTypes = {
  RS256: rsa, RS384: rsa, RS512: rsa, PS256: rsa, PS384: rsa, PS512: rsa,
  ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }],
  ES512: ['ec', { namedCurve: 'P-521' }],
  EdDSA: ['ed25519', {}],
};

function signingKey() {
  const { privateKey } = generateKeyPairSync(...keyTypes[alg]);
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), alg, use: 'sig' };
}

function configuration() {
  return {
    clients: [{
      client_id: clientId,
      client_secret: env.CLIENT_SECRET || 'a secret between the gate and the provider',
      redirect_uris: (env.REDIRECT_URIS || '').split(','),
      post_logout_redirect_uris: env.LOGOUT_URIS ? env.LOGOUT_URIS.split(',') : [],
      id_token_signed_response_alg: alg,
      ...JSON.parse(env.CLIENT_METADATA || '{}'),
    }],
    jwks: { keys: [signingKey()] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    pkce: { required: () => true },
    claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'], profile: ['name'] },
    acrValues: ['urn:example:two-factor'],
    enabledJWA: { idTokenSigningAlgValues: Object.keys(keyTypes) },
    features: { devInteractions: { enabled: false }, jwtUserinfo: { enabled: true }, rpInitiatedLogout: { enabled: true, logoutSource: signOutPage } },
    interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
    ttl: { Interaction: 600, Session: 3600, Grant: 3600, IdToken: 300, AccessToken: 300 },
    findAccount: (_, id) => people[id] && {
      accountId: id,
      claims: () => ({ sub: id, email: people[id].email, email_verified: people[id].email_verified, name: people[id].name }),
    },
    // The gate is a first-party client, so users are not asked for consent.
    async loadExistingGrant(ctx) {
      const { provider, client, session } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  };
}

const page = (content) => `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Example provider</title>
<style>body{font:16px sans-serif;max-width:22rem;margin:4rem auto}input{display:block;width:100%;margin:.3rem 0 1rem}
input[type=checkbox]{display:inline;width:auto}</style>
<h1>Example provider</h1>${content}`;

const signInPage = (uid, wrong) => page(`${wrong ? '<p role="alert">Wrong name or password.</p>' : ''}
<form method="post" action="/sign-in/${uid}"><label>Name <input name="name" value="alice" autofocus></label>
<label>Password <input name="password" type="password" value="alice-password"></label>
<label><input type="checkbox" name="key"> with my security key</label><p><button>Sign in</button></form>`);

// oidc-provider's own page would load fonts from another site.
const signOutPage = (ctx, form) => {
  ctx.body = page(`${form}<p>Sign out here, too?</p>
<p><button form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button> <button form="op.logoutForm">Stay</button></p>`);
};

async function bodyOf(request) {
  let text = '';
  for await (const part of request) {
    text += part;
    if (text.length > 10000) throw new Error('too much');
  }
  return new URLSearchParams(text);
}

async function signIn(provider, request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method !== 'POST') {
    response.setHeader('Content-Type', 'text/html').end(signInPage(uid, false));
    return;
  }
  const form = await bodyOf(request);
  const person = people[form.get('name')];
  if (!person || person.password !== form.get('password')) {
    response.setHeader('Content-Type', 'text/html').end(signInPage(uid, true));
    return;
  }
  const result = form.has('deny')
    ? { error: 'access_denied', error_description: 'the person said no' }
    : { login: {
      accountId: form.get('name'),
      amr: form.has('key') ? ['pwd', 'hwk', 'mfa'] : ['pwd'],
      acr: form.has('key') ? 'urn:example:two-factor' : undefined,
    } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

const server = createServer();
server.listen(Number(env.PORT || 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration());
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/sign-in/')) {
      answer(request, response);
      return;
    }
    signIn(provider, request, response).catch((error) => {
      response.statusCode = 400;
      response.end(String(error.message));
    });
  });
  console.log(`listening on ${issuer}`);
});
