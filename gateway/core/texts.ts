/** Texts by id: a `Map`, or a smaller one that is handed in from outside. */
export interface Texts {
  get(id: string): string | undefined;
  set(id: string, text: string): unknown;
  delete(id: string): boolean;
}
