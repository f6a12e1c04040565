import { type DragEvent, type ReactNode, useRef, useState } from 'react'

interface DropZoneProps {
  readonly label: string
  readonly onFiles: (files: readonly File[]) => void
  readonly children: (choose: () => void) => ReactNode
  readonly className?: string
  readonly isMultiple?: boolean
  readonly accept?: string
}

/** Takes files that are dropped on it, or chosen by the button that its children show. */
export function DropZone(props: DropZoneProps) {
  const { label, onFiles, children, className = '', isMultiple = true, accept = 'image/*' } = props
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    // A zone around this one does not take it once more.
    event.stopPropagation()
    setIsOver(false)
    give([...event.dataTransfer.files])
  }
  const give = (files: readonly File[]) => {
    const wanted = isMultiple ? files : files.slice(0, 1)
    if (wanted.length > 0) onFiles(wanted)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a way for the mouse beside the button within
    <div
      className={`drop ${isOver ? 'over' : ''} ${className}`}
      onDragOver={(event) => {
        event.preventDefault()
        event.stopPropagation()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={isMultiple}
        aria-label={label}
        hidden
        onChange={(event) => {
          give([...(event.target.files ?? [])])
          // The same file may be chosen once more.
          event.target.value = ''
        }}
      />
      {children(() => input.current?.click())}
    </div>
  )
}
