/** What the sandbox takes for the time: epoch milliseconds. */
export interface Clock {
  now(): number;
}

/** The machine's clock, moved by an offset so that tests can let hours pass (`POST /__control/clock`). */
export class MovableClock implements Clock {
  /** Milliseconds added to the machine's time; negative is the past. */
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }
}
