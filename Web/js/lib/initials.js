// Pinyin initials, so that "rmgc" finds 人民广场.
//
// The browser's own collation knows the order of Chinese characters by sound; comparing a character with the
// first one of each letter gives its letter. Characters are remembered, so long lists cost one look-up each.

const FIRST = '阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀';
const LETTERS = 'abcdefghjklmnopqrstwxyz';
const known = new Map();
let collator;

function letter(character) {
  let found = known.get(character);
  if (found === undefined) {
    collator ??= new Intl.Collator('zh-CN-u-co-pinyin');
    let low = 0;
    let high = FIRST.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (collator.compare(character, FIRST[middle]) >= 0) low = middle;
      else high = middle - 1;
    }
    found = LETTERS[low];
    known.set(character, found);
  }
  return found;
}

/** The initials of a name; letters and digits stay, everything else is left out. */
export function initials(name) {
  let out = '';
  for (const character of name) {
    const code = character.charCodeAt(0);
    if (code >= 0x4e00 && code <= 0x9fff) out += letter(character);
    else if (/[a-z0-9]/i.test(character)) out += character.toLowerCase();
  }
  return out;
}
