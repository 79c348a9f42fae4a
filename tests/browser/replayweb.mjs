// Opens a WACZ in ReplayWeb.page in a headless Chromium and tells what shows.
//
//	node replayweb.mjs CHROMIUM PROFILE-DIR REPLAY-DIR WACZ URL TIME PICTURE
//
// REPLAY-DIR is the package of ReplayWeb.page (index.html, ui.js, sw.js), WACZ
// a file or the list of several beside it. All is served on localhost: a
// service worker needs a secure context, which that name is. URL is shown as
// captured at TIME (14 digits), scrolled to its end; PICTURE is a PNG of it.
// Prints one JSON object: what the frame of the replay holds (title, text, the
// images with their natural widths), and every address that the browser asked
// for outside. Ends with 1 and a line on stderr when nothing shows in 60 s.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { start } from './devtools.mjs';

const [chromium, profile, replayDir, wacz, pageUrl, time, picture] =
    process.argv.slice(2);
const LIFETIME_MS = 60000;
const STEP_MS = 250;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript',
	'.json': 'application/json', '.wacz': 'application/wacz' };

const end = Date.now() + LIFETIME_MS;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// ---- the server ----

// Under / the package, under /files/ what lies beside the WACZ; ranges, because
// it is read in pieces.
function answer(request, response) {
	const url = new URL(request.url, 'http://localhost/');
	const name = url.pathname === '/' ? '/index.html' : url.pathname;
	const file = name.startsWith('/files/')
	    ? path.join(path.dirname(wacz), path.basename(name))
	    : path.join(replayDir, path.normalize(name));
	let size;
	try {
		size = fs.statSync(file).size;
	} catch {
		response.writeHead(404).end();
		return;
	}
	const head = { 'Accept-Ranges': 'bytes',
		'Content-Type': TYPES[path.extname(file)] ??
		    'application/octet-stream' };
	const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
	let from = 0, to = size - 1, status = 200;
	if (range) {
		status = 206;
		if (range[1] === '')
			from = Math.max(0, size - Number(range[2]));
		else
			from = Number(range[1]);
		if (range[1] !== '' && range[2] !== '')
			to = Math.min(to, Number(range[2]));
		head['Content-Range'] = `bytes ${from}-${to}/${size}`;
	}
	head['Content-Length'] = to - from + 1;
	response.writeHead(status, head);
	if (request.method === 'HEAD' || to < from)
		response.end();
	else
		fs.createReadStream(file, { start: from, end: to }).pipe(response);
}

const server = http.createServer(answer);
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://localhost:${server.address().port}`;

// ---- the browser ----

const outside = new Set();

function fail(why) {
	console.error(`replayweb: ${why}`);
	browser.kill('SIGKILL');
	process.exit(1);
}
setTimeout(() => fail('no end in time'), LIFETIME_MS + 5000).unref();

// Frames, workers and service workers are watched, too.
function watch(sessionId) {
	send('Network.enable', {}, sessionId);
	send('Target.setAutoAttach', { autoAttach: true, flatten: true,
		waitForDebuggerOnStart: false }, sessionId);
}

function take(message) {
	if (message.method === 'Target.attachedToTarget') {
		watch(message.params.sessionId);
	} else if (message.method === 'Network.requestWillBeSent') {
		const url = message.params.request.url;
		if (url.startsWith('http') && !url.startsWith(origin + '/'))
			outside.add(url);
	}
}

const { browser, send } = start(chromium, profile, take,
    ['--window-size=1400,1000']);
browser.on('exit', () => fail('the browser ended'));

// ---- what shows ----

// Run in the page: the replay lies in a frame inside shadow trees, the one
// whose document the service worker made.
const find = `() => {
	const frames = [];
	const walk = (root) => {
		for (const node of root.querySelectorAll('*')) {
			if (node.shadowRoot) walk(node.shadowRoot);
			if (node.tagName === 'IFRAME') {
				frames.push(node);
				try { walk(node.contentDocument); } catch {}
			}
		}
	};
	walk(document);
	return frames.find((f) => {
		try { return f.contentWindow.location.href.includes('mp_/'); }
		catch { return false; }
	})?.contentDocument;
}`;

const headline = `() => {
	(${find})()?.querySelector('h1')?.scrollIntoView();
}`;

const look = `(() => {
	const d = (${find})();
	if (!d || d.readyState !== 'complete')
		return JSON.stringify({ state: d?.readyState });
	const view = d.defaultView;
	view.scrollTo(0, view.scrollY + 600);
	return JSON.stringify({
		url: view.location.href,
		title: d.title,
		text: d.body ? d.body.innerText : '',
		is_at_end: view.scrollY + view.innerHeight >=
		    d.documentElement.scrollHeight - 2,
		images: [...d.images].map((i) => ({ src: i.currentSrc || i.src,
		    complete: i.complete, width: i.naturalWidth })),
	});
})()`;

async function seen(session) {
	const answer = await send('Runtime.evaluate',
	    { expression: look, returnByValue: true }, session);
	const value = answer.result?.result?.value;
	return value === undefined ? { error: answer } : JSON.parse(value);
}

const { result: { targetId } } =
    await send('Target.createTarget', { url: 'about:blank' });
const { result: { sessionId } } =
    await send('Target.attachToTarget', { targetId, flatten: true });
watch(sessionId);
await send('Page.enable', {}, sessionId);
await send('Page.navigate', { url: `${origin}/?source=` +
	encodeURIComponent(`${origin}/files/${path.basename(wacz)}`) +
	`#view=pages&url=${encodeURIComponent(pageUrl)}&ts=${time}` }, sessionId);

// Until it stands at its end with all images there; the last look counts.
let now = {};
while (Date.now() < end) {
	await sleep(STEP_MS);
	now = await seen(sessionId);
	if (now.is_at_end && now.images.every((i) => i.complete && i.width > 0))
		break;
}
// The picture begins at the headline.
await send('Runtime.evaluate', { expression: `(${headline})()` }, sessionId);
await sleep(STEP_MS);
const shot = await send('Page.captureScreenshot', { format: 'png' }, sessionId);
if (shot.result)
	fs.writeFileSync(picture, Buffer.from(shot.result.data, 'base64'));
if (now.images === undefined)
	fail(`no page shows: ${JSON.stringify(now)}`);
now.outside = [...outside];
console.log(JSON.stringify(now));
browser.removeAllListeners('exit');
await Promise.race([send('Browser.close'), sleep(2000)]);
browser.kill('SIGKILL');
process.exit(0);
