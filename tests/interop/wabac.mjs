// What wabac, the loader inside ReplayWeb.page, makes of a WACZ.
//
//	node wabac.mjs NODE_MODULES WACZ OUTCOMES
//
// WACZ is a file, or the list of several beside it, served on loopback; the
// database that the loader wants is one in memory (fake-indexeddb). OUTCOMES
// has a line "DIGEST URL" for each address that was captured. Prints one JSON
// object: how many of them come back with the bytes of that digest, which do
// not, the pages, and what the loader says of hashes and signature.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import zlib from 'node:zlib';

const [modules, wacz, outcomes] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(path.join(modules, name)));

await load('fake-indexeddb/auto/index.mjs');
globalThis.self = globalThis;
// As much of a service worker as it looks for; hashes are compared only when
// its own address says so.
globalThis.location = new URL('http://localhost/sw.js?useHashCheck=1');
globalThis.registration = { scope: 'http://localhost/' };
globalThis.addEventListener = () => {};
globalThis.caches = { open: async () => ({}), delete: async () => true };
console.log = () => {}; // it talks
const { SWReplay, WorkerLoader, ArchiveRequest } =
    await load('@webrecorder/wabac/dist/swlib.js');
new SWReplay();

// Ranges, because it reads pieces.
const server = http.createServer((request, response) => {
	const file = path.join(path.dirname(wacz), path.basename(request.url));
	const size = fs.statSync(file).size;
	const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
	const from = range ? Number(range[1]) : 0;
	const to = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
	response.writeHead(range ? 206 : 200, {
		'Content-Length': to - from + 1, 'Accept-Ranges': 'bytes',
		...(range && { 'Content-Range': `bytes ${from}-${to}/${size}` }) });
	if (request.method === 'HEAD' || to < from)
		response.end();
	else
		fs.createReadStream(file, { start: from, end: to }).pipe(response);
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const sourceUrl =
    `http://127.0.0.1:${server.address().port}/${path.basename(wacz)}`;

const loader = new WorkerLoader({ addEventListener() {} });
await loader.addCollection({ name: 'c', file: { sourceUrl } }, () => {});
const { store } = await loader.loadColl('c');

// Contents as sent: codings undone by the loader are none of ours here.
function matches(bytes, digest) {
	const all = [bytes];
	for (const undo of [zlib.gunzipSync, zlib.inflateSync,
		zlib.brotliDecompressSync])
		try { all.push(undo(bytes)); } catch {}
	return all.some((b) =>
	    'sha256:' + createHash('sha256').update(b).digest('hex') === digest);
}

async function fetched(url) {
	const request = new ArchiveRequest(url, new Request(url), { mod: 'id_' });
	const answer = await store.getResource(request, 'http://localhost/w/c/',
	    null, { noRedirect: true });
	if (!answer)
		return null;
	return Buffer.from(answer.getBuffer ? await answer.getBuffer()
					    : await answer.arrayBuffer());
}

const lines = fs.readFileSync(outcomes, 'utf8').split('\n').filter(Boolean);
const wrong = [];
for (const line of lines) {
	const [digest, url] = line.split(/\s+/);
	const bytes = await fetched(url).catch((e) => String(e));
	if (!Buffer.isBuffer(bytes) || !matches(bytes, digest))
		wrong.push(url);
}
const checks = await store.db.getAll('verification');
const pages = await store.db.getAll('pages');
process.stdout.write(JSON.stringify({
	right: lines.length - wrong.length, wrong,
	pages: pages.map(({ url, ts, title }) => ({ url, ts, title })),
	text: pages.filter((p) => p.text).length,
	checked: Object.fromEntries(checks.filter((c) => c.matched !== null)
	    .map((c) => [c.id, c.matched])) }) + '\n', () => process.exit(0));
