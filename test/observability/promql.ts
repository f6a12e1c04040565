import type { SyntaxNode, Tree } from '@lezer/common'
import { parser } from '@prometheus-io/lezer-promql'

/** What an expression asks Prometheus for. */
export interface AskedSeries {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly values: readonly string[] }[]
}

export interface Expression {
  readonly series: readonly AskedSeries[]
  /** Labels that results are grouped or joined by. */
  readonly grouping: readonly string[]
}

/** Reads an expression by the grammar of Prometheus' own editor; throws where it does not parse. */
export function readExpression(text: string): Expression {
  // Grafana puts a time in their place.
  const expression = text.replaceAll(/\$__(rate_interval|range)/g, '5m')
  const tree = parser.parse(expression)
  const wrong = nodesOf(tree, (node) => node.type.isError)[0]
  if (wrong !== undefined) throw new Error(`does not parse at "${expression.slice(wrong.from)}": ${text}`)
  const textOf = (node: SyntaxNode) => expression.slice(node.from, node.to)
  return {
    series: nodesOf(tree, ({ name }) => name === 'VectorSelector').map((selector) => ({
      metric: textOf(only(selector, 'Identifier')),
      matchers: (selector.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []).map(
        (matcher) => ({
          label: textOf(only(matcher, 'LabelName')),
          values: valuesOf(textOf(only(matcher, 'StringLiteral')).slice(1, -1)),
        }),
      ),
    })),
    grouping: nodesOf(tree, ({ name }) => name === 'GroupingLabels').flatMap((labels) =>
      labels.getChildren('LabelName').map(textOf),
    ),
  }
}

/** Those that can be told from the text: a pattern or a variable names no value. */
function valuesOf(pattern: string): readonly string[] {
  return /^[\w|-]+$/.test(pattern) ? pattern.split('|') : []
}

function nodesOf(tree: Tree, isWanted: (node: SyntaxNode) => boolean): readonly SyntaxNode[] {
  const nodes: SyntaxNode[] = []
  tree.iterate({
    enter: ({ node }) => {
      if (isWanted(node)) nodes.push(node)
    },
  })
  return nodes
}

function only(node: SyntaxNode, name: string): SyntaxNode {
  const child = node.getChild(name)
  if (child === null) throw new Error(`a ${node.name} without ${name}`)
  return child
}
