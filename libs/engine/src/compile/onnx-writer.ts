import { PbfWriter } from 'pbf'

/** Element types of tensors, by their number in `onnx.TensorProto.DataType`. */
const ELEMENT_TYPES = { float32: 1, uint8: 2, int64: 7 } as const

/** `onnx.AttributeProto.AttributeType`. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, string: 3, ints: 7 } as const

/** Intermediate representation 8 is the one ONNX published together with operator set 17. */
const IR_VERSION = 8
const OPERATOR_SET = 17

export type ElementType = keyof typeof ELEMENT_TYPES

/** A number is a fixed size; a string names a size that is known only when the network runs. */
export type Dimension = number | string

export type OnnxAttribute =
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'int'; readonly value: number }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'ints'; readonly value: readonly number[] }

export type OnnxNode = {
  readonly name: string
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

export type OnnxConstant = {
  readonly name: string
  readonly elementType: ElementType
  readonly dims: readonly number[]
  /** Little-endian elements, row-major. */
  readonly bytes: Uint8Array
}

export type OnnxValue = {
  readonly name: string
  readonly elementType: ElementType
  readonly dims: readonly Dimension[]
}

export type OnnxModel = {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly constants: readonly OnnxConstant[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** Serialises a model as an ONNX file. The same model always gives the same bytes: fields are written in a
 *  fixed order and nothing (date, host, tool version) is added.
 *  Field numbers are those of `onnx.proto3`. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const writer = new PbfWriter()
  writer.writeVarintField(1, IR_VERSION)
  writer.writeStringField(2, 'semblance')
  writer.writeMessage(7, writeGraph, model)
  writer.writeMessage(8, writeOperatorSet, OPERATOR_SET)
  return writer.finish()
}

function writeOperatorSet(version: number, writer: PbfWriter): void {
  writer.writeStringField(1, '')
  writer.writeVarintField(2, version)
}

function writeGraph(model: OnnxModel, writer: PbfWriter): void {
  for (const node of model.nodes) writer.writeMessage(1, writeNode, node)
  writer.writeStringField(2, model.name)
  for (const constant of model.constants) writer.writeMessage(5, writeConstant, constant)
  for (const input of model.inputs) writer.writeMessage(11, writeValue, input)
  for (const output of model.outputs) writer.writeMessage(12, writeValue, output)
}

function writeNode(node: OnnxNode, writer: PbfWriter): void {
  for (const input of node.inputs) writer.writeStringField(1, input)
  for (const output of node.outputs) writer.writeStringField(2, output)
  writer.writeStringField(3, node.name)
  writer.writeStringField(4, node.operator)
  for (const entry of Object.entries(node.attributes)) writer.writeMessage(5, writeAttribute, entry)
}

function writeAttribute([name, attribute]: [string, OnnxAttribute], writer: PbfWriter): void {
  writer.writeStringField(1, name)
  switch (attribute.type) {
    case 'float':
      writer.writeFloatField(2, attribute.value)
      break
    case 'int':
      writer.writeVarintField(3, attribute.value)
      break
    case 'string':
      writer.writeStringField(4, attribute.value)
      break
    case 'ints':
      for (const value of attribute.value) writer.writeVarintField(8, value)
      break
  }
  writer.writeVarintField(20, ATTRIBUTE_TYPES[attribute.type])
}

function writeConstant(constant: OnnxConstant, writer: PbfWriter): void {
  for (const size of constant.dims) writer.writeVarintField(1, size)
  writer.writeVarintField(2, ELEMENT_TYPES[constant.elementType])
  writer.writeStringField(8, constant.name)
  writer.writeBytesField(9, constant.bytes)
}

function writeValue(value: OnnxValue, writer: PbfWriter): void {
  writer.writeStringField(1, value.name)
  writer.writeMessage(2, writeType, value)
}

function writeType(value: OnnxValue, writer: PbfWriter): void {
  writer.writeMessage(1, writeTensorType, value)
}

function writeTensorType(value: OnnxValue, writer: PbfWriter): void {
  writer.writeVarintField(1, ELEMENT_TYPES[value.elementType])
  writer.writeMessage(2, writeShape, value.dims)
}

function writeShape(dims: readonly Dimension[], writer: PbfWriter): void {
  for (const dimension of dims) writer.writeMessage(1, writeDimension, dimension)
}

function writeDimension(dimension: Dimension, writer: PbfWriter): void {
  if (typeof dimension === 'number') writer.writeVarintField(1, dimension)
  else writer.writeStringField(2, dimension)
}
