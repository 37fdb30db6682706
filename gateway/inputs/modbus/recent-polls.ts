const POLLS = 10;
const MASK = (1 << POLLS) - 1;
const FREQUENT = 5;
const RARE = 2;

/** How many of the last ten polls had one particular thing about them, such as damage. */
export class RecentPolls {
  #bits = 0;
  #frequent = false;

  note(seen: boolean): void {
    this.#bits = ((this.#bits << 1) | (seen ? 1 : 0)) & MASK;
    this.#update();
  }

  /** What was noted last turns out to have it after all. */
  amend(): void {
    this.#bits |= 1;
    this.#update();
  }

  /** Five of ten make it so; it stays so until two or fewer are left. */
  get isFrequent(): boolean {
    return this.#frequent;
  }

  /** No more than now and then. */
  get isRare(): boolean {
    return this.#count <= RARE;
  }

  #update(): void {
    if (this.#count >= FREQUENT) this.#frequent = true;
    else if (this.isRare) this.#frequent = false;
  }

  get #count(): number {
    let count = 0;
    for (let bits = this.#bits; bits !== 0; bits &= bits - 1) count += 1;
    return count;
  }
}
