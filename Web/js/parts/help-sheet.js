// The keyboard map, and the place to change it.

import { fill, h } from '../lib/dom.js';
import { t } from '../lib/i18n.js';
import { allCommands, nameOf, readable, remap } from '../lib/keys.js';
import { openDialog } from './dialog.js';

const AREAS = ['global', 'wall', 'playback', 'devices'];

/** `known` are the commands of areas that are not on screen now: [{id, area, keys, title}]. */
export function openHelp(known) {
  return openDialog('help.title', () => {
    const sheet = h('div', { class: 'help' });
    const draw = () => {
      const commands = new Map(known.map((c) => [c.id, c]));
      for (const c of allCommands()) commands.set(c.id, c);
      fill(sheet, AREAS.map((area) => h('section', {}, h('h3', { t: `help.${area}` }),
        h('dl', {}, [...commands.values()].filter((c) => c.area === area && c.title).map((c) => [
          h('dt', {}, (c.keys.length > 4 ? [`${c.keys[0]} … ${c.keys.at(-1)}`]
            : c.keys).map((k) => h('kbd', {}, readable(k)))),
          h('dd', {}, h('span', {}, t(c.title)), h('button',
            { class: 'quiet small', tTitle: 'help.change', t: 'help.changeShort', onclick: () => learn(c) })),
        ])))), h('p', { class: 'muted help-foot', t: 'help.foot' }));
    };
    const learn = (command) => {
      let keys = [];
      const shown = h('kbd', { class: 'big' }, '…');
      const word = h('p', { class: 'muted', t: 'help.press' });
      openDialog('help.change', (close) => {
        const take = (event) => {
          if (['Shift', 'Control', 'Alt', 'Meta', 'Escape', 'Tab'].includes(event.key)) return;
          event.preventDefault();
          event.stopPropagation();
          keys = keys.length === 1 ? [`${keys[0]} ${nameOf(event)}`] : [nameOf(event)];
          shown.textContent = readable(keys[0]);
        };
        const area = h('div', { class: 'learn', tabIndex: 0, onkeydown: take, autofocus: true }, shown, word);
        const save = (value) => {
          const clash = remap(command.id, value);
          if (clash) {
            const other = allCommands().find((c) => c.id === clash);
            fill(word, t('help.clash', { name: other?.title ? t(other.title) : clash }));
            keys = [];
            return;
          }
          close();
          draw();
        };
        setTimeout(() => area.focus(), 0);
        return h('div', { class: 'stack' }, h('p', {}, t(command.title)), area, h('div', { class: 'buttons' },
          h('button', { t: 'help.default', onclick: () => save(null) }),
          h('button', { class: 'primary', t: 'action.apply', onclick: () => keys.length && save(keys) })));
      }, { name: 'learn' });
    };
    draw();
    return sheet;
  }, { wide: true, name: 'help' });
}
