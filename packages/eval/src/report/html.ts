/** Markup that may stand in a page as it is. */
export interface Html {
  readonly markup: string;
}

/** What a template may hold: text and numbers, which are escaped, markup, lists of these, or nothing. */
export type HtmlPart = string | number | Html | undefined | readonly HtmlPart[];

/** A template whose values are escaped unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { markup: strings.reduce((page, text, index) => page + markupOf(parts[index - 1]) + text) };
}

/** Markup that was made elsewhere and is known to be safe. */
export function trusted(markup: string): Html {
  return { markup };
}

/** Text for content and for attributes in double quotes. */
export function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/[^\P{Cc}\t\n\r]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'); // what would hide or turn other text
}

/** JSON that may stand in a script element: it holds no `<`. */
export function jsonScript(value: unknown): Html {
  return { markup: JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028') };
}

function markupOf(part: HtmlPart): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  if ('markup' in part) return part.markup;
  return part.map(markupOf).join('');
}
