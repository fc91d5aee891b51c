// Addresses: everything after `#`, so that one file serves every page.

export const PAGES = [
  { name: 'wall', icon: 'wall' },
  { name: 'playback', icon: 'playback' },
  { name: 'alarms', icon: 'alarm' },
  { name: 'log', icon: 'log', needs: 'viewAccessLog' },
  { name: 'devices', icon: 'devices' },
  { name: 'levels', icon: 'upload' },
  { name: 'people', icon: 'user', needs: 'manageAccounts' },
  { name: 'grants', icon: 'lock', needs: 'viewGrants' },
  { name: 'requests', icon: 'queue' },
  { name: 'health', icon: 'health' },
  { name: 'settings', icon: 'settings' },
];

/** {name, rest, query} of an address such as `#/playback/…?at=…`; anything unknown is the wall. */
export function pageOf(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?');
  const [name, ...rest] = path.split('/').map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  const known = PAGES.some((page) => page.name === name) || ['first-run', 'refused'].includes(name);
  return { name: known ? name : 'wall', rest, query: Object.fromEntries(new URLSearchParams(search)) };
}

export function go(path) {
  if (location.hash !== `#${path}`) location.hash = path;
}
