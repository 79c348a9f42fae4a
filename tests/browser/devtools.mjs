// A headless Chromium led over the debugging pipe: the DevTools protocol, JSON
// messages that end in NUL, to the browser's descriptor 3 and from its 4.
import { spawn } from 'node:child_process';

// EACH gets every message that answers nothing.
export function start(chromium, profile, each, options = []) {
	const browser = spawn(chromium, ['--headless', '--no-sandbox',
		'--disable-gpu', '--no-first-run',
		'--disable-background-networking', '--disable-component-update',
		'--disable-sync', '--disable-default-apps',
		'--disable-dev-shm-usage', '--remote-debugging-pipe',
		`--user-data-dir=${profile}`, ...options],
	    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
	const waiting = new Map();
	let messages = Buffer.alloc(0);
	let lastId = 0;

	browser.stdio[4].on('data', (bytes) => {
		messages = Buffer.concat([messages, bytes]);
		for (let at; (at = messages.indexOf(0)) >= 0;) {
			const message = JSON.parse(
			    messages.subarray(0, at).toString());
			messages = messages.subarray(at + 1);
			if (message.id === undefined)
				each(message);
			waiting.get(message.id)?.(message);
			waiting.delete(message.id);
		}
	});
	return {
		browser,
		send(method, params = {}, sessionId) {
			const id = ++lastId;
			browser.stdio[3].write(JSON.stringify(
			    { id, method, params, sessionId }) + '\0');
			return new Promise((done) => waiting.set(id, done));
		},
	};
}
