const POLLS = 10;
const MASK = (1 << POLLS) - 1;
/** So many of the last ten are a fault, and so few are none any more. */
const FAULT = 5;
const WELL = 2;

/** How many of a module's last ten polls had one particular thing wrong with them. */
export class RecentPolls {
  #bits = 0;
  #bad = false;

  note(wrong: boolean): void {
    this.#bits = ((this.#bits << 1) | (wrong ? 1 : 0)) & MASK;
    this.#update();
  }

  /** What was noted last turns out to be wrong after all. */
  amend(): void {
    this.#bits |= 1;
    this.#update();
  }

  /** Five of ten make it so; it stays so until two or fewer are left. */
  get isBad(): boolean {
    return this.#bad;
  }

  /** No more than a disturbance now and then. */
  get isWell(): boolean {
    return this.#count <= WELL;
  }

  #update(): void {
    if (this.#count >= FAULT) this.#bad = true;
    else if (this.isWell) this.#bad = false;
  }

  get #count(): number {
    let count = 0;
    for (let bits = this.#bits; bits !== 0; bits &= bits - 1) count += 1;
    return count;
  }
}
