// All that the interactive pictures say, in one table for translators: whole sentences, {names} are filled in.
export const MESSAGES = {
  // The playground
  data: "Data",
  circle: "circle",
} as const;

export type Message = keyof typeof MESSAGES;

/** Return a sentence of the table with its {names} filled in. */
export const say = (message: Message, values: Record<string, string | number> = {}): string =>
  MESSAGES[message].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
