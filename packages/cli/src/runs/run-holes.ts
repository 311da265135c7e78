import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { amongCopies, findHoles, type Hole, holesDocument, holesTables, holeTrace, writeTrace } from '@overmap/judge';
import { counted, tableText } from '@overmap/report';
import { escapeText, OutputError } from '@overmap/trace';
import type { HolesRequest } from '../commands/holes.ts';
import { Exit, type ExitCode } from '../exit-code.ts';
import { version } from '../version.ts';
import { buildsNamed } from './builds.ts';
import { policyOrRule } from './policy.ts';
import { screen } from './screen.ts';
import { inSession } from './session.ts';

/** Runs `overmap holes`. */
export async function runHoles(request: HolesRequest): Promise<ExitCode> {
  const { depth, format, output: folder, verbose } = request;
  const judged = await policyOrRule(request.policy);
  const builds = buildsNamed(request.archs);
  // What is written to the folder are traces; what is said about them goes to standard output.
  return inSession({ inputs: [], output: undefined, strictInput: false, streams: false, verbose }, async (session) => {
    const start = performance.now();
    const found = await findHoles(judged, {
      builds,
      depth,
      stop: () => session.signal.aborted,
      onProgress: session.working('holes'),
    });
    if (found.interrupted) session.note(Exit.interrupted);
    if (found.holes.some((hole) => !amongCopies(hole))) session.note(Exit.findings);
    const files = new Map<Hole, string>();
    if (folder !== undefined) {
      makeFolder(folder);
      for (const hole of found.holes) {
        const path = join(folder, nameOf(hole, found.holes));
        await writeTrace(holeTrace(hole, judged), path);
        files.set(hole, path);
      }
    }
    const document = holesDocument(judged, found, {
      depth,
      version: version(),
      fileOf: (hole) => files.get(hole) ?? null,
    });
    if (format === 'json') session.output.write(`${JSON.stringify(document)}\n`);
    else
      session.output.write(
        holesTables(document, verbose)
          .map((table) => tableText(table, screen(undefined)))
          .join('\n'),
      );
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const worlds = counted(found.worlds.length, 'small world');
    session.talk.say(
      `${counted(document.states, 'state')} of ${worlds}, up to ${counted(depth, 'step')}, in ${seconds} s.`,
    );
  });
}

/** "aarch64-asid-reuse.jsonl"; numbered where a build has two of a kind. */
function nameOf(hole: Hole, all: readonly Hole[]): string {
  const alike = all.filter(({ build, cause }) => build === hole.build && cause === hole.cause);
  const n = alike.indexOf(hole);
  return `${hole.build}-${hole.cause}${n > 0 ? `-${n + 1}` : ''}.jsonl`;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new OutputError(`cannot make the folder ${escapeText(folder, 400)}: ${escapeText(words, 200)}`, {
      cause: error,
    });
  }
}
