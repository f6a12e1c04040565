import { type Command, InvalidArgumentError } from 'commander'
import { localAction } from '../command/local-action.ts'
import { withJsonOption } from '../command/options.ts'

const DEFAULT_POINTS = [0.1, 0.01, 0.001]

/** `semblance evaluate`: how often would searches among these people go wrong? */
export function addEvaluateCommand(program: Command): void {
  withJsonOption(program.command('evaluate <folder>'))
    .description(
      'measure the accuracy of the model pack on photos of your own: a folder for each person. The first photo of each person with several is enrolled, and searched for with all others. It calls no server, and writes nothing. Exits with 1 if some photos show no face or cannot be read',
    )
    .option(
      '--fpir <share>',
      'false positive rate to look at, such as 0.01; may be repeated (default: 0.1, 0.01 and 0.001)',
      collectShare,
    )
    .addHelpText('after', '\nExample:\n  semblance evaluate ./photos --fpir 0.01')
    .action(
      localAction<[string], { readonly fpir?: readonly number[] }>(async ({ options, signal }, folder) => {
        // The networks take a while to load, and other commands do without.
        const { evaluateFolder } = await import('./evaluate-folder.ts')
        return evaluateFolder(folder, { points: options.fpir ?? DEFAULT_POINTS, signal })
      }),
    )
}

function collectShare(text: string, earlier: readonly number[] = []): readonly number[] {
  const share = Number(text)
  if (text.trim() !== '' && share > 0 && share < 1) return [...earlier, share]
  throw new InvalidArgumentError('must be a number between 0 and 1')
}
