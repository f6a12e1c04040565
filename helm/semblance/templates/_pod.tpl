{{/* What is alike in the pods of all parts, and in those of Jobs. */}}
{{- define "semblance.podSettings" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
# No process of ours calls the API of Kubernetes.
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile:
    type: RuntimeDefault
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "semblance.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* The root is read-only, and a zip that is imported lies in a temporary file meanwhile. */}}
{{- define "semblance.volumeMounts" -}}
- name: temporary
  mountPath: /tmp
- name: secrets
  mountPath: /run/secrets/semblance
  readOnly: true
{{- if .root.Values.stores.trustedCertificates.configMap }}
- name: certificates
  mountPath: /etc/semblance/certificates
  readOnly: true
{{- end }}
{{- end }}

{{- define "semblance.volumes" -}}
- name: temporary
  emptyDir:
    sizeLimit: {{ .values.temporarySizeLimit }}
- name: secrets
  projected:
    defaultMode: 0440
    sources:
      {{- range $variable, $secret := include "semblance.secretFiles" . | fromYaml }}
      - secret:
          name: {{ $secret.name }}
          items:
            - key: {{ $secret.key }}
              path: {{ $variable }}
      {{- end }}
{{- with .root.Values.stores.trustedCertificates }}
{{- if .configMap }}
- name: certificates
  configMap:
    name: {{ .configMap }}
    items:
      - key: {{ .key }}
        path: ca.crt
{{- end }}
{{- end }}
{{- end }}

{{/* Pods of a part on different nodes, and spread over zones where there are any. */}}
{{- define "semblance.spread" -}}
{{- $selector := include "semblance.selector" . -}}
{{- if ne .values.spread "none" }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- $selector | nindent 8 }}
  {{- end }}
affinity:
  podAntiAffinity:
    {{- if eq .values.spread "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- $selector | nindent 12 }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- $selector | nindent 14 }}
    {{- end }}
{{- end }}
{{- end }}
