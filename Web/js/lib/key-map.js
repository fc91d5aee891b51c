// Every command with its default keys and the text that names it. The pages bind what they can do.

const k = (id, title, ...keys) => ({ id, title: `key.${title}`, keys });

export const KEY_MAP = {
  global: [
    k('search', 'search', '/'), k('help', 'help', '?'), k('purpose', 'purpose', 'p'),
    k('palette', 'palette', 'Ctrl+k'),
    k('go-wall', 'goWall', 'g w'), k('go-playback', 'goPlayback', 'g l'), k('go-devices', 'goDevices', 'g d'),
    k('go-alarms', 'goAlarms', 'g a'), k('go-log', 'goLog', 'g i'), k('go-grants', 'goGrants', 'g r'),
    k('go-levels', 'goLevels', 'g v'),
    k('go-health', 'goHealth', 'g o'), k('go-settings', 'goSettings', 'g s'),
    k('tree', 'tree', 'Ctrl+b'), k('side', 'side', 'Ctrl+Alt+b'), k('fullscreen', 'fullscreen', 'f'),
    k('back', 'back', 'Escape'),
  ],
  wall: [
    k('left', 'moveLeft', 'ArrowLeft'), k('right', 'moveRight', 'ArrowRight'), k('up', 'moveUp', 'ArrowUp'),
    k('down', 'moveDown', 'ArrowDown'),
    k('maximise', 'maximise', 'Enter'), k('layout-1', 'layout1', 'l 1'), k('layout-4', 'layout4', 'l 4'),
    k('layout-9', 'layout9', 'l 9'),
    k('layout-16', 'layout16', 'l 6'), k('clear', 'clear', 'Delete'), k('restore', 'restore', 'Backspace'),
    k('mute', 'mute', 'm'),
    k('snapshot', 'snapshot', 's'), k('info', 'info', 'i'), k('reconnect', 'reconnect', 'r'),
    k('zoom', 'zoomReset', '0'), k('ptz', 'ptz', 'z'), k('talk', 'talk', 'y'),
    k('number', 'number', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
  ],
  playback: [
    k('play', 'play', 'Space'), k('back10', 'back10', 'ArrowLeft'), k('on10', 'on10', 'ArrowRight'),
    k('back1', 'back1', 'Shift+ArrowLeft'),
    k('on1', 'on1', 'Shift+ArrowRight'), k('frameBack', 'frameBack', ','), k('frameOn', 'frameOn', '.'),
    k('reverse', 'reverse', 'j'),
    k('pause', 'pause', 'k'), k('forward', 'forward', 'l'), k('dayStart', 'dayStart', 'Home'),
    k('edge', 'edge', 'End'),
    k('nextEvent', 'nextEvent', 'n'), k('previousEvent', 'previousEvent', 'N'),
    k('selectFrom', 'selectFrom', '['), k('selectTo', 'selectTo', ']'),
    k('source', 'source', 'v'), k('export', 'export', 'e'), k('keep', 'keep', 'h'), k('holds', 'holds', 'H'),
    k('zoomIn', 'zoomIn', '+', '='), k('zoomOut', 'zoomOut', '-'),
    k('snapshot', 'snapshot', 's'), k('mute', 'mute', 'm'),
  ],
  alarms: [k('next', 'nextAlarm', 'j'), k('previous', 'previousAlarm', 'k'),
    k('acknowledge', 'acknowledge', 'a'), k('wall', 'showOnWall', 'v'), k('waiting', 'onlyWaiting', 'w')],
  log: [k('next', 'nextEntry', 'j'), k('previous', 'previousEntry', 'k'), k('proof', 'checkProof', 'c'),
    k('register', 'register', 'x')],
  devices: [k('add', 'addDevice', 'a'), k('import', 'importDevices', 'i'), k('refresh', 'refreshDevice', 'r'),
    k('ladder', 'ladder', 'm')],
  levels: [k('next', 'moveRight', 'ArrowRight'), k('previous', 'moveLeft', 'ArrowLeft')],
};
