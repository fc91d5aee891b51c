// Starts the console: languages, theme, who is signed in, then the page of the address.

import { readPlatform, resume, session } from './lib/account.js';
import { alarmBook } from './lib/alarms.js';
import { apiEvents } from './lib/api.js';
import { directory } from './lib/directory.js';
import { fill, h } from './lib/dom.js';
import { closeEvents, openEvents } from './lib/events.js';
import { holdBook } from './lib/holds.js';
import { loadLanguages, t } from './lib/i18n.js';
import { startKeyboard } from './lib/keys.js';
import { applyTheme } from './lib/prefs.js';
import { loadPurposes, setBrokenGlass } from './lib/purpose.js';
import { waitingBook } from './lib/waiting.js';
import { pageOf } from './lib/router.js';
import './pages/sign-in.js';
import './pages/wall-page.js';
import './pages/playback-page.js';
import './pages/alarms-page.js';
import './pages/log-page.js';
import './pages/devices-page.js';
import './pages/grants-page.js';
import './pages/levels-page.js';
import './pages/health-page.js';
import './pages/people-page.js';
import './pages/requests-page.js';
import './pages/settings-page.js';
import './parts/app-frame.js';
import './parts/purpose-bar.js';
import './parts/time-line.js';

let frame = null;
let page = null;

async function start() {
  applyTheme();
  await loadLanguages();
  startKeyboard();
  apiEvents.addEventListener('signed-out', () => session.user && showSignIn());
  addEventListener('hashchange', route);
  const first = pageOf(location.hash);
  if (first.name === 'first-run') {
    showSignIn(first.rest[0]);
    return;
  }
  if (first.name === 'refused') {
    refused(first.rest[0]);
    return;
  }
  enter();
}

/** The way back from the identity provider opened nothing: why stands on the sign-in page. */
function refused(reason) {
  history.replaceState(null, '', '#/wall');
  showSignIn(null, reason);
}

function showSignIn(token, reason) {
  leave();
  const form = h('sign-in');
  Object.assign(form, { token, reason });
  form.addEventListener('done', enter);
  fill(document.body, form);
}

function leave() {
  closeEvents();
  directory.clear();
  holdBook.clear();
  alarmBook.clear();
  waitingBook.stop();
  setBrokenGlass(null);
  session.user = null;
  frame = page = null;
}

/** The server does not answer: say so and try again. */
function showTrouble(problem) {
  leave();
  fill(document.body, h('div', { class: 'trouble' }, h('h1', {}, problem.sentence ?? t('problem.unreachable')),
    h('p', { class: 'muted', t: 'trouble.retrying' })));
  setTimeout(() => location.reload(), 4000);
}

async function enter() {
  try {
    await resume();
    await Promise.all([readPlatform(), loadPurposes()]);
  } catch (problem) {
    if (problem.status === 401) showSignIn();
    else showTrouble(problem);
    return;
  }
  frame = h('app-frame');
  page = null;
  fill(document.body, frame);
  openEvents();
  alarmBook.refresh();
  waitingBook.start();
  route();
}

function route() {
  const address = pageOf(location.hash);
  if (address.name === 'first-run') {
    showSignIn(address.rest[0]);
    return;
  }
  if (address.name === 'refused') {
    refused(address.rest[0]);
    return;
  }
  if (!frame) return;
  if (page?.name === address.name && page.element.route) {
    page.element.route(address.query, address.rest);
    frame.marked();
    return;
  }
  if (page?.name === address.name && !Object.keys(address.query).length) return;
  const element = document.createElement(`${address.name}-page`);
  Object.assign(element, { frame, address: address.query, rest: address.rest });
  page = { name: address.name, element };
  frame.show(element);
}

start();
