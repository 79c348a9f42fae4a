// Opens pages that lie on the disk, without any server, and tells what shows.
//
//	node files.mjs CHROMIUM PROFILE-DIR PICTURE-PREFIX FILE...
//
// Prints one JSON object for each FILE: title, text, direction and language,
// the images with their natural widths, the links to other files, what the
// console says, and every address asked for that is no file. PICTURE-PREFIX and
// the number of FILE name a PNG of it. Ends with 1 after 50 s at the latest.
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { start } from './devtools.mjs';

const [chromium, profile, prefix, ...files] = process.argv.slice(2);
const LIFETIME_MS = 50000;
const STEP_MS = 100;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
let outside = new Set();
let said = [];

function fail(why) {
	console.error(`files: ${why}`);
	browser.kill('SIGKILL');
	process.exit(1);
}

function take(message) {
	const p = message.params;
	if (message.method === 'Network.requestWillBeSent' &&
	    !p.request.url.startsWith('file:'))
		outside.add(p.request.url);
	if (message.method === 'Log.entryAdded')
		said.push(p.entry.text);
	if (message.method === 'Runtime.consoleAPICalled')
		said.push(p.args.map((a) => a.value).join(' '));
}

const { browser, send } = start(chromium, profile, take,
    ['--window-size=1000,1400']);
setTimeout(() => fail('no end in time'), LIFETIME_MS).unref();
browser.on('exit', () => fail('the browser ended'));

const look = `(() => {
	const d = document;
	window.scrollTo(0, window.scrollY + 800);
	return JSON.stringify({
		state: d.readyState,
		is_at_end: window.scrollY + window.innerHeight >=
		    d.documentElement.scrollHeight - 2,
		title: d.title,
		text: d.body ? d.body.innerText : '',
		lang: d.documentElement.lang,
		dir: getComputedStyle(d.documentElement).direction,
		scripts: d.scripts.length,
		images: [...d.images].map((i) => ({ src: i.getAttribute('src'),
		    complete: i.complete, width: i.naturalWidth })),
		links: [...d.links].map((a) => a.getAttribute('href')),
	});
})()`;

const { result: { targetId } } =
    await send('Target.createTarget', { url: 'about:blank' });
const { result: { sessionId } } =
    await send('Target.attachToTarget', { targetId, flatten: true });
for (const domain of ['Network', 'Page', 'Log', 'Runtime'])
	await send(`${domain}.enable`, {}, sessionId);

for (const [number, file] of files.entries()) {
	outside = new Set();
	said = [];
	await send('Page.navigate', { url: pathToFileURL(file).href }, sessionId);
	let now = {};
	for (let tries = 0; tries < 50; tries++) {
		await sleep(STEP_MS);
		const answer = await send('Runtime.evaluate',
		    { expression: look, returnByValue: true }, sessionId);
		now = JSON.parse(answer.result?.result?.value ?? '{}');
		if (now.state === 'complete' && now.is_at_end &&
		    now.images.every((i) => i.complete && i.width > 0))
			break;
	}
	await send('Runtime.evaluate',
	    { expression: 'window.scrollTo(0, 0)' }, sessionId);
	const shot = await send('Page.captureScreenshot', {}, sessionId);
	fs.writeFileSync(`${prefix}${number}.png`,
	    Buffer.from(shot.result.data, 'base64'));
	console.log(JSON.stringify({ file, ...now, said,
		outside: [...outside] }));
}
browser.removeAllListeners('exit');
browser.kill('SIGKILL');
process.exit(0);
