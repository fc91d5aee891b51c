// Adding one device, and importing many with a dry run.

import { session } from '../lib/account.js';
import { api } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { icon } from '../lib/icons.js';
import { openDialog } from './dialog.js';

/** What has to be typed into the camera. */
function settings() {
  const p = session.platform ?? {};
  return h('div', { class: 'settings-card' }, h('h3', { t: 'add.settings' }), h('dl', { class: 'facts' },
    h('dt', { t: 'add.serverId' }), h('dd', {}, h('code', {}, p.id ?? '')),
    h('dt', { t: 'add.realm' }), h('dd', {}, h('code', {}, p.realm ?? '')),
    h('dt', { t: 'add.address' }), h('dd', {}, h('code', {}, `${p.sip?.host ?? ''}:${p.sip?.port ?? ''}`)),
    h('dt', { t: 'add.transport' }), h('dd', {}, 'UDP / TCP')));
}

/** Resolves with the new device, or nothing. */
export function addDevice() {
  return openDialog('add.title', (close) => {
    const id = h('input', { name: 'id', inputMode: 'numeric', maxLength: 20, required: true,
      autocomplete: 'off', placeholder: '34020000001320000001', autofocus: true });
    const name = h('input', { name: 'name', maxLength: 64, autocomplete: 'off' });
    const password = h('input', { name: 'password', type: 'password', autocomplete: 'new-password',
      required: true });
    const wrong = h('p', { class: 'fail-text', role: 'alert', hidden: true });
    const hint = h('span', { class: 'muted small-text num' });
    id.addEventListener('input', () => {
      id.value = id.value.replace(/\D/g, '');
      hint.textContent = `${id.value.length}/20`;
    });
    return h('form', {
      class: 'two-columns', onsubmit: async (event) => {
        event.preventDefault();
        wrong.hidden = true;
        try {
          if (id.value.length !== 20) throw Object.assign(new Error(),
            { sentence: t('problem.invalid-device-id') });
          close(await api.post('/devices', { id: id.value, name: name.value.trim(),
            password: password.value }));
        } catch (problem) {
          wrong.textContent = [problem.sentence, problem.fix].filter(Boolean).join(' ');
          wrong.hidden = false;
        }
      },
    },
    h('div', { class: 'stack' },
      h('label', {}, h('span', { t: 'devices.id' }), id, hint),
      h('label', {}, h('span', { t: 'devices.name' }), name),
      h('label', {}, h('span', { t: 'add.password' }), password,
        h('span', { class: 'muted small-text', t: 'add.passwordHint' })), wrong,
      h('div', { class: 'buttons' },
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
        h('button', { type: 'submit', class: 'primary', t: 'add.submit' }))),
    settings());
  }, { wide: true, name: 'add' });
}

const HEADER = 'id,name,password';

/** Resolves with how many were imported, or nothing. */
export function importDevices() {
  return openDialog('import.title', (close) => {
    const area = h('textarea', { rows: 10, spellcheck: false,
      placeholder: `${HEADER}\n34020000001320000001,North gate,secret`, tLabel: 'import.text',
      oninput: () => check() });
    const report = h('div', { class: 'import-report', 'aria-live': 'polite' });
    const submit = h('button', { type: 'button', class: 'primary', disabled: true, onclick: () => run() },
      h('span', { t: 'import.submit' }));
    const file = h('input', { type: 'file', accept: '.csv,text/csv', hidden: true, onchange: async () => {
      if (!file.files[0]) return;
      area.value = await readText(file.files[0]);
      check();
    } });
    let timer;
    let asked = 0;
    const check = () => {
      clearTimeout(timer);
      submit.disabled = true;
      timer = setTimeout(async () => {
        const mine = (asked += 1);
        if (!area.value.trim()) return fill(report);
        try {
          const found = await api.post('/devices/import?dryRun=true', area.value, { type: 'text/csv' });
          if (mine !== asked) return;
          submit.disabled = !found.accepted;
          show(found);
        } catch (problem) {
          fill(report, h('p', { class: 'fail-text' }, [problem.sentence,
            problem.detail].filter(Boolean).join(' ')));
        }
      }, 300);
    };
    const show = (found) => fill(report,
      h('p', {}, icon('check', 14), ' ', h('b', { class: 'num', data: { accepted: found.accepted } },
        t('import.accepted', { n: found.accepted })),
        found.rejected?.length ? h('span', { class: 'fail-text', data: { rejected: found.rejected.length } },
          ` · ${t('import.rejected', { n: found.rejected.length })}`) : null),
      h('ul', {}, (found.rejected ?? []).slice(0, 200).map((r) =>
        h('li', {}, h('span', { class: 'num' }, t('import.line', { n: r.line })), ' ', r.reason))));
    const run = async () => {
      submit.disabled = true;
      try {
        const done = await api.post('/devices/import', area.value, { type: 'text/csv' });
        if (done.rejected?.length) show(done);
        close(done.accepted);
      } catch (problem) {
        fill(report, h('p', { class: 'fail-text' }, problem.sentence));
      }
    };
    return h('div', { class: 'stack' },
      h('p', { class: 'muted' }, t('import.explain'), ' ', h('code', {}, HEADER)),
      area, report,
      h('div', { class: 'buttons' }, file, h('button', { type: 'button', onclick: () => file.click() },
        icon('upload', 14), h('span', { t: 'import.file' })),
        h('span', { class: 'spacer' }),
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }), submit));
  }, { wide: true, name: 'import' });
}

/** Spreadsheets here write UTF-8 or GB18030; what is not valid UTF-8 is the other. */
async function readText(file) {
  const raw = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    return new TextDecoder('gb18030').decode(raw);
  }
}
