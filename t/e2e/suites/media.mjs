// <audio> and <video> with a leased token: seeking asks for pieces of the same URL. The configuration is that of docs/streaming.md.

import assert from 'node:assert/strict';
import { request } from '../../../example/check/http.mjs';
import { wav, webm } from '../lib/media-files.mjs';
import { StreamsApp } from '../lib/streams-app.mjs';
import { assertNoJwt } from '../lib/watch.mjs';

const [WIDTH, HEIGHT] = [640, 480];

export default async function media(tap, stage) {
  const jwt = await stage.signIn('alice');
  const app = await StreamsApp.start(`${stage.pages}/streams.sock`);
  const test = (name, action, { expected = /^$/ } = {}) => tap.test(name, () => stage.visit({}, async ({ page, seen }) => {
    app.requests = [];
    await page.addInitScript((value) => { window.jwt = value; }, jwt);
    await page.goto('/e2e/client.html');
    await page.waitForFunction(() => window.ready);
    await action({ page, seen });
    assertNoJwt(seen);
    assert.deepEqual(seen.problems.filter((problem) => !expected.test(problem)), []);
  }));

  // Shows the file, seeks from the beginning to near the end and back into the middle, and returns what the element says.
  const show = (page, kind, path) => page.evaluate(async ([name, url]) => {
    const element = document.createElement(name);
    const event = (type) => new Promise((resolve, reject) => {
      element.addEventListener(type, resolve, { once: true });
      element.addEventListener('error', () => reject(new Error(element.error.message)), { once: true });
    });
    element.preload = 'metadata';
    element.muted = true;
    document.getElementById('main').append(element);
    element.src = await window.client.getAuthUrl(url, 'media');
    await event('loadeddata');
    for (const place of [0.9, 0.5]) {
      element.currentTime = element.duration * place;
      await event('seeked');
    }
    await element.play();
    await event('timeupdate');
    return { duration: element.duration, at: element.currentTime, width: element.videoWidth, error: element.error };
  }, [kind, path]);

  function assertPieces(path, size) {
    const asked = app.asked(path);
    const begins = asked.map(({ headers }) => Number(/^bytes=(\d+)-/.exec(headers.range)?.[1]));
    assert.equal(begins[0], 0);
    assert.ok(begins.some((begin) => begin > size * 0.7), `no piece near the end: ${begins}`);
    // Neither the token nor the page's JWT, but the session all the same.
    for (const { url, headers } of asked) assert.deepEqual([url, /^Bearer eyJ/.test(headers.authorization)], [path, true]);
  }

  await test('<audio> plays and seeks with one token', async ({ page }) => {
    const body = wav(120);
    app.media.set('/media/tone.wav', { type: 'audio/wav', body });
    const { duration, at, error } = await show(page, 'audio', '/media/tone.wav');
    assert.deepEqual([duration, error], [120, null]);
    assert.ok(at >= 60 && at < 100, String(at));
    assertPieces('/media/tone.wav', body.length);
  });

  await test('<video> plays and seeks with one token', async ({ page }) => {
    const pictures = await page.evaluate(async ([width, height]) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height });
      const context = canvas.getContext('2d');
      const made = [];
      for (let i = 0; i < 4; i++) {
        const noise = context.createImageData(width, height);
        for (let at = 0; at < noise.data.length; at += 65_536) crypto.getRandomValues(noise.data.subarray(at, at + 65_536));
        context.putImageData(noise, 0, 0);
        const blob = await new Promise((resolve) => { canvas.toBlob(resolve, 'image/webp', 0.9); });
        const reader = new FileReader();
        reader.readAsDataURL(blob);
        await new Promise((resolve) => { reader.onload = resolve; });
        made.push(reader.result.split(',')[1]);
      }
      return made;
    }, [WIDTH, HEIGHT]);
    const frames = pictures.map((text) => Buffer.from(text, 'base64'));
    const body = webm(Array.from({ length: 120 }, (_, i) => frames[i % frames.length]), WIDTH, HEIGHT);
    app.media.set('/media/film.webm', { type: 'video/webm', body });
    const { duration, at, width, error } = await show(page, 'video', '/media/film.webm');
    assert.deepEqual([duration, width, error], [120, WIDTH, null]);
    assert.ok(at >= 60 && at < 100, String(at));
    assertPieces('/media/film.webm', body.length);
  });

  await test('an element goes on with a new token when its lease has ended', async ({ page, seen }) => {
    const at = await page.evaluate(async () => {
      const video = document.createElement('audio');
      video.preload = 'auto';
      const next = (type) => new Promise((resolve) => { video.addEventListener(type, resolve, { once: true }); });
      video.addEventListener('error', async () => {
        const { currentTime } = video;
        video.src = await window.client.getAuthUrl('/media/tone.wav', 'media');
        video.currentTime = currentTime;
      });
      video.src = `/media/tone.wav?token=${'a'.repeat(64)}`;
      video.currentTime = 100;
      await next('loadeddata');
      return video.currentTime;
    });
    assert.equal(at, 100);
    assert.equal(new Set(seen.urls.filter((url) => url.includes('/media/'))).size, 2);
  }, { expected: /status of 401/ });

  await test('a download is resumed with the same URL, and nothing else is', async ({ page }) => {
    app.media.set('/media/archive.zip', { type: 'application/zip', body: Buffer.from('0123456789') });
    const url = await page.evaluate(() => window.client.getAuthUrl('/media/archive.zip?v=1', 'media'));
    const ask = (path, headers) => request(stage.url, 'GET', path, { headers });
    const first = await ask(url, { Range: 'bytes=0-3' });
    const rest = await ask(url, { Range: 'bytes=4-', 'If-Range': '"1"' });
    assert.deepEqual([first.status, first.text, rest.status, rest.text], [206, '0123', 206, '456789']);
    assert.equal((await ask(url.replace('archive', 'film'))).status, 401);
  });

  await app.stop();
}
