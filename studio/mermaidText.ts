/**
 * Text made safe in a Mermaid statement: what could end the statement, start a comment or be taken for markup becomes
 * a character reference, which Mermaid resolves after it has parsed.
 */
export function mermaidText(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[^\p{L}\p{N} ,.()[\]/_=!+*?|-]/gu, character => `#${character.codePointAt(0)};`)
}
