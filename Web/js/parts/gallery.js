// Pictures that a camera takes itself: order them, see what came.

import { api, seg } from '../lib/api.js';
import { fill, h } from '../lib/dom.js';
import { t, tCode } from '../lib/i18n.js';
import { parse, stamp } from '../lib/zone.js';
import { openDialog, toastProblem } from './dialog.js';

export function openGallery(channel, name) {
  const path = `/channels/${seg(channel)}/snapshots`;
  const count = h('input', { type: 'number', name: 'count', min: '1', max: '10', value: '1' });
  const interval = h('input', { type: 'number', name: 'interval', min: '1', max: '3600', value: '1' });
  const orders = h('div', { class: 'gallery-orders', 'aria-live': 'polite' });
  const grid = h('div', { class: 'gallery' }, h('span', { class: 'spinner' }));
  let shown = '';
  const read = async () => {
    try {
      const { items, sessions } = await api.get(path);
      fill(orders, sessions.slice(0, 3).map((s) => h('p',
        { class: s.state === 'partial' || s.state === 'failed' ? 'warn-text' : 'muted',
        data: { order: s.state } }, t('gallery.order', { time: stamp(parse(s.started)), by: s.by,
          arrived: s.arrived, asked: s.asked }),
      ' — ', tCode('gallery.state', s.state, s.state), s.reason ? `: ${s.reason}` : '')));
      const key = items.map((item) => item.file).join();
      if (key === shown && key) return;
      shown = key;
      fill(grid, items.length ? items.slice(0, 60).map((item) => h('a', { class: 'gallery-item',
        target: '_blank', rel: 'noopener',
        href: `/api/v1${path}/${seg(item.file)}` }, h('img', { src: `/api/v1${path}/${seg(item.file)}`,
          loading: 'lazy',
        alt: t('gallery.alt', { name, time: stamp(parse(item.time)) }) }), h('span', { class: 'num' },
          stamp(parse(item.time)))))
        : h('p', { class: 'muted', t: 'gallery.none' }));
    } catch (problem) {
      fill(grid, h('p', { class: 'fail-text' }, problem.sentence));
    }
  };
  const form = h('form', { class: 'row', onsubmit: async (event) => {
    event.preventDefault();
    try {
      await api.post(path, { count: Number(count.value), interval: Number(interval.value) });
    } catch (problem) {
      toastProblem(problem);
    }
    read();
  } }, h('label', { class: 'inline' }, h('span', { t: 'gallery.count' }), count),
  h('label', { class: 'inline' }, h('span', { t: 'gallery.interval' }), interval),
  h('button', { type: 'submit', class: 'primary', t: 'gallery.take' }));
  const done = openDialog('gallery.title', h('div', { class: 'stack' }, h('p', { class: 'muted' }, name),
    form, orders, grid),
    { wide: true, name: 'gallery' });
  read();
  const timer = setInterval(() => (grid.isConnected ? read() : clearInterval(timer)), 1500);
  return done;
}
