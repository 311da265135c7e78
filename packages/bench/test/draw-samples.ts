import { SeededDraws } from '../src/seeded-draws.ts';

/** Synthetic samples of known distributions, by a seed. */
export class Noise {
  readonly #draws: SeededDraws;

  constructor(seed: number) {
    this.#draws = new SeededDraws(seed);
  }

  /** In (0, 1). */
  uniform(): number {
    return (this.#draws.below(0x7fffffff) + 0.5) / 0x7fffffff;
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}

/** How a simulated task behaves; deviations are of logarithms. */
export interface Behaviour {
  readonly time: number;
  readonly betweenRounds: (noise: Noise) => number;
  readonly withinRound: number;
  readonly rounds?: number;
}

/** Three percent between rounds, five within. */
export const USUAL: Omit<Behaviour, 'time'> = { betweenRounds: (noise) => 0.03 * noise.normal(), withinRound: 0.05 };

/**
 * A measurement of a task on a machine whose speed drifts: a walk of 2 % a sample, with a jump to half the speed and
 * back now and then, which the task and the reference share; the reference has 2 % of noise of its own.
 */
export function measured(noise: Noise, { time, betweenRounds, withinRound, rounds = 16 }: Behaviour) {
  const samples: number[][] = [];
  const referenceSamples: number[][] = [];
  let drift = 0;
  for (let r = 0; r < rounds; r++) {
    const round = betweenRounds(noise);
    const one: number[] = [];
    const reference: number[] = [];
    for (let i = 0; i < 31; i++) {
      drift = 0.98 * drift + 0.02 * noise.normal();
      const speed = Math.exp(drift) * (noise.uniform() < 0.1 ? 2 : 1);
      one.push(time * speed * Math.exp(round + withinRound * noise.normal()));
      reference.push(15 * speed * Math.exp(0.02 * noise.normal()));
    }
    samples.push(one);
    referenceSamples.push(reference);
  }
  return { samples, referenceSamples };
}
