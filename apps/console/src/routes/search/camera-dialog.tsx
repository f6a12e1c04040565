import { useEffect, useRef, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/states.tsx'

interface CameraDialogProps {
  readonly onClose: () => void
  readonly onPicture: (file: File) => void
}

/** A picture from the webcam. The camera is off again as soon as the dialog is. */
export function CameraDialog({ onClose, onPicture }: CameraDialogProps) {
  const text = useText()
  const video = useRef<HTMLVideoElement>(null)
  const [isRefused, setIsRefused] = useState(false)
  useEffect(() => {
    let isOpen = true
    let stream: MediaStream | null = null
    openCamera().then(
      (opened) => {
        stream = opened
        if (!isOpen) return stop(opened)
        if (video.current !== null) video.current.srcObject = opened
      },
      () => setIsRefused(true),
    )
    return () => {
      isOpen = false
      if (stream !== null) stop(stream)
    }
  }, [])
  const take = async () => {
    if (video.current === null || video.current.videoWidth === 0) return
    const picture = await frameOf(video.current)
    onPicture(new File([picture], `${text.search.cameraName}.jpg`, { type: 'image/jpeg' }))
    onClose()
  }
  return (
    <Dialog title={text.search.camera} onClose={onClose} isWide>
      {isRefused ? (
        <Empty icon="camera" title={text.search.noCamera}>
          <p className="quiet">{text.search.noCameraHint}</p>
        </Empty>
      ) : (
        <>
          <video ref={video} autoPlay playsInline muted className="camera" />
          <div className="actions end">
            <Button onClick={onClose}>{text.common.cancel}</Button>
            <Button look="main" icon="camera" onClick={() => void take()}>
              {text.search.take}
            </Button>
          </div>
        </>
      )}
    </Dialog>
  )
}

/** Rejects where there is no camera, and where the page is not shown safely (`https` or this machine). */
async function openCamera(): Promise<MediaStream> {
  if (navigator.mediaDevices === undefined) throw new Error('no camera can be asked for')
  return navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } }, audio: false })
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop()
}

function frameOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })
}
