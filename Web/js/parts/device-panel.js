// The right panel of the devices page: one device, what it says, and why it is in the state it is in.

import { may, mayManage } from '../lib/account.js';
import { api, query, seg } from '../lib/api.js';
import { directory } from '../lib/directory.js';
import { fill, h } from '../lib/dom.js';
import { languageEvents, t, tCode } from '../lib/i18n.js';
import { icon, statusIcon } from '../lib/icons.js';
import { parse, since, span, now } from '../lib/zone.js';
import { confirmAction, openDialog, toast, toastProblem } from './dialog.js';
import { openConfiguration } from './configuration.js';
import { command, openState, openUpgrade, reboot } from './device-care.js';
import { openProfile } from './device-profile.js';
import { ladder, openDeviceDoctor } from './doctor.js';
import './device-reports.js';

/** Announces `changed` after an action that alters the list. */
export class DevicePanel extends HTMLElement {
  #device = null;
  #channels = null;
  #redraw = () => this.#render();

  connectedCallback() {
    this.classList.add('panel');
    languageEvents.addEventListener('language', this.#redraw);
    this.#render();
  }

  disconnectedCallback() {
    languageEvents.removeEventListener('language', this.#redraw);
  }

  show(device, focus = false) {
    const other = device?.id !== this.#device?.id;
    this.#device = device;
    if (other) {
      this.#channels = null;
      if (device) this.#readChannels(device.id);
    }
    this.#render();
    if (focus) this.querySelector('button')?.focus();
  }

  async #readChannels(device) {
    try {
      const { items } = await api.get(`/channels${query({ device, limit: 200 })}`);
      if (this.#device?.id === device) this.#channels = items;
      this.#render();
    } catch {
      // The panel stands without the list.
    }
  }

  #render() {
    if (!this.isConnected) return;
    const d = this.#device;
    if (!d) {
      fill(this, h('div', { class: 'panel-empty' }, icon('devices', 28), h('p', { t: 'devicePanel.empty' })));
      return;
    }
    const pair = (key, value) => (value || value === 0 ? [h('dt', { t: key }), h('dd', {}, value)] : []);
    const when = parse(d.since);
    const alive = parse(d.lastKeepalive);
    const until = parse(d.registrationExpires);
    const action = (name, key, run, id) => h('button', { class: 'wide-button', id, onclick: run }, icon(name),
      h('span', { t: key }));
    fill(this,
      h('section', { class: 'panel-head' }, h('h2', {}, statusIcon(d.status), h('span', {}, d.name || d.id)),
        h('p', {}, h('code', {}, d.id)),
        h('p', { class: 'panel-status' }, t(`status.${d.status}`),
          when === null ? '' : ` · ${t('panel.since', { t: since(when) })}`)),
      h('section', { class: 'panel-actions' },
        mayManage() ? action('reload', 'devicePanel.refresh', () => this.refresh(), 'refresh') : null,
        action('signal', 'devicePanel.doctor', () => openDeviceDoctor(d.id, d.name || d.id), 'doctor'),
        action('ladder', 'devicePanel.ladder', () => this.ladder(), 'ladder'),
        action('devices', 'profile.make', () => openProfile(d), 'device-profile'),
        mayManage() ? action('settings', 'devicePanel.rename', () => this.#rename()) : null,
        mayManage() ? action('trash', 'devicePanel.remove', () => this.#remove(), 'device-remove') : null),
      may('configure') || may('diagnose') ? h('section', { class: 'panel-actions' },
        may('diagnose') ? action('health', 'care.state', () => openState(d), 'care-state') : null,
        may('configure') ? [
          action('settings', 'config.title', () => openConfiguration('devices', d.id, d.name || d.id), 'care-config'),
          action('lock', 'care.guardOn', () => command(d, 'guard-on')),
          action('offline', 'care.guardOff', () => command(d, 'guard-off')),
          action('alarm', 'care.alarmReset', () => command(d, 'alarm-reset')),
          action('upload', 'upgrade.title', () => openUpgrade(d), 'care-upgrade'),
          action('reload', 'care.reboot', () => reboot(d), 'care-reboot')] : null) : null,
      h('section', {}, h('h3', { t: 'devicePanel.about' }), h('dl', { class: 'facts' },
        pair('devices.maker', [d.manufacturer, d.model].filter(Boolean).join(' ')),
        pair('devicePanel.firmware', d.firmware),
        pair('devices.address', d.address && h('code', {}, d.address)),
        pair('devices.transport', (d.transport ?? '').toUpperCase()),
        pair('devicePanel.media', d.mediaTransport && tCode('transport', d.mediaTransport, d.mediaTransport)),
        pair('devicePanel.keepalive', alive === null ? ''
          : t('devicePanel.ago', { t: span(Math.max(0, now() - alive)) })),
        pair('devicePanel.heartbeat', d.heartbeatInterval
          ? `${d.heartbeatInterval} s × ${d.heartbeatCount ?? '–'}` : ''),
        pair('devicePanel.expires', until === null ? '' : since(until)))),
      h('section', {}, this.#reports(d.id)),
      h('section', {}, h('h3', {}, h('span', { t: 'devices.channels' }), ' ',
        h('span', { class: 'muted num' }, `${d.channelsOnline ?? 0}/${d.channels ?? 0}`)),
        h('ul', { class: 'channel-list' }, (this.#channels ?? []).map((c) => h('li', {},
          statusIcon(c.status, 10),
          h('a', { href: `#/wall?channel=${encodeURIComponent(c.id)}`, title: c.channel ?? c.id },
            c.name || c.id),
          h('span', { class: `rec-dot ${c.recording ?? 'off'}`,
            title: t(`recording.${c.recording ?? 'off'}`) }))))));
  }

  /** The same element again, so that a new drawing of the panel does not disturb it. */
  #reports(device) {
    this.reports ??= h('device-reports');
    this.reports.device = device;
    if (this.reports.isConnected) this.reports.show(device);
    return this.reports;
  }

  async refresh() {
    const d = this.#device;
    if (!d || !mayManage()) return;
    try {
      await api.post(`/devices/${seg(d.id)}/refresh`);
      toast(t('devicePanel.refreshing', { name: d.name || d.id }));
      setTimeout(() => this.#device?.id === d.id && this.#readChannels(d.id), 2500);
    } catch (problem) {
      toastProblem(problem);
    }
  }

  async ladder() {
    const d = this.#device;
    if (!d) return;
    const body = h('div', {}, h('span', { class: 'spinner' }));
    const done = openDialog('ladder.title', body, { wide: true, name: 'ladder' });
    try {
      const { messages } = await api.get(`/devices/${seg(d.id)}/ladder`);
      fill(body, h('p', { class: 'muted' }, t('ladder.explain', { name: d.name || d.id })), ladder(messages));
    } catch (problem) {
      fill(body, h('p', { class: 'fail-text' }, problem.sentence));
    }
    return done;
  }

  async #rename() {
    const d = this.#device;
    const change = await openDialog('devicePanel.rename', (close) => {
      const name = h('input', { name: 'name', value: d.name ?? '', maxLength: 64, autofocus: true });
      const password = h('input', { name: 'password', type: 'password', autocomplete: 'new-password' });
      return h('form', {
        class: 'stack', onsubmit: (event) => {
          event.preventDefault();
          close({ name: name.value.trim(), ...(password.value ? { password: password.value } : {}) });
        },
      }, h('label', {}, h('span', { t: 'devices.name' }), name),
        h('label', {}, h('span', { t: 'devicePanel.newPassword' }), password,
        h('span', { class: 'muted small-text', t: 'devicePanel.keepPassword' })),
      h('div', { class: 'buttons' },
        h('button', { type: 'button', t: 'action.cancel', onclick: () => close() }),
        h('button', { type: 'submit', class: 'primary', t: 'action.save' })));
    }, { name: 'rename' });
    if (!change) return;
    try {
      this.show(await api.patch(`/devices/${seg(d.id)}`, change) ?? { ...d, name: change.name });
      this.dispatchEvent(new Event('changed'));
      directory.reload();
    } catch (problem) {
      toastProblem(problem);
    }
  }

  async #remove() {
    const d = this.#device;
    const sure = await confirmAction('devicePanel.remove',
      t('devicePanel.removeSure', { name: d.name || d.id }), 'devicePanel.remove');
    if (!sure) return;
    try {
      await api.delete(`/devices/${seg(d.id)}`);
      this.show(null);
      this.dispatchEvent(new Event('changed'));
      directory.reload();
    } catch (problem) {
      toastProblem(problem);
    }
  }
}

customElements.define('device-panel', DevicePanel);
