{{/* The pod template of the Deployment and the StatefulSet. */}}
{{- define "origin-probe.pod" -}}
{{- $sharded := gt (int .Values.shards) 1 -}}
{{- $labels := dict }}
{{- $annotations := dict "kubectl.kubernetes.io/default-container" "origin-probe" }}
{{- if not .Values.meshInjection }}
{{- $labels = dict "sidecar.istio.io/inject" "false" "istio.io/dataplane-mode" "none" "kuma.io/sidecar-injection" "disabled" }}
{{- range $key, $value := dict "sidecar.istio.io/inject" "false" "linkerd.io/inject" "disabled" "consul.hashicorp.com/connect-inject" "false" }}
{{- $_ := set $annotations $key $value }}
{{- end }}
{{- end }}
{{- if and .Values.rollOnConfigChange (not (include "origin-probe.configExists" .)) }}
{{- $_ := set $annotations "checksum/config" (include "origin-probe.files" . | sha256sum) }}
{{- end }}
{{- range $key, $value := .Values.podLabels }}
{{- $_ := set $labels $key $value }}
{{- end }}
{{- range $key, $value := .Values.podAnnotations }}
{{- $_ := set $annotations $key $value }}
{{- end -}}
metadata:
  labels:
    {{- include "origin-probe.labels" (dict "root" . "labels" $labels) | nindent 4 }}
  annotations:
    {{- toYaml $annotations | nindent 4 }}
spec:
  serviceAccountName: {{ include "origin-probe.serviceAccountName" . | quote }}
  automountServiceAccountToken: {{ .Values.automountServiceAccountToken }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.podSecurityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.hostAliases }}
  hostAliases:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.dnsPolicy }}
  dnsPolicy: {{ . }}
  {{- end }}
  {{- with .Values.dnsConfig }}
  dnsConfig:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpreadConstraints }}
  topologySpreadConstraints:
    {{- range . }}
    {{- if not .labelSelector }}
    {{- $_ := set . "labelSelector" (dict "matchLabels" (include "origin-probe.selectorLabels" $ | fromYaml)) }}
    {{- end }}
    - {{- toYaml . | nindent 6 }}
    {{- end }}
  {{- end }}
  {{- with .Values.extraInitContainers }}
  initContainers:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  containers:
    - name: origin-probe
      image: {{ include "origin-probe.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args:
        - serve
        - --config=/etc/origin-probe/{{ .Values.configKey }}
        {{- with .Values.webConfig.existingSecretName }}
        - --web.config.file=/etc/origin-probe-web/{{ $.Values.webConfig.key }}
        {{- end }}
        {{- with .Values.extraArgs }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- if or $sharded .Values.extraEnv }}
      env:
        {{- if $sharded }}
        - name: ORIGIN_PROBE_SHARD
          valueFrom:
            fieldRef:
              fieldPath: metadata.labels['apps.kubernetes.io/pod-index']
        - name: ORIGIN_PROBE_SHARDS
          value: {{ .Values.shards | quote }}
        {{- end }}
        {{- with .Values.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
      {{- with .Values.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      ports:
        - name: http
          containerPort: {{ .Values.containerPort }}
          protocol: TCP
      {{- with .Values.startupProbe }}
      startupProbe:
        {{- include "origin-probe.containerProbe" (dict "root" $ "probe" . "path" "/-/healthy") | nindent 8 }}
      {{- end }}
      {{- with .Values.livenessProbe }}
      livenessProbe:
        {{- include "origin-probe.containerProbe" (dict "root" $ "probe" . "path" "/-/healthy") | nindent 8 }}
      {{- end }}
      {{- with .Values.readinessProbe }}
      readinessProbe:
        {{- include "origin-probe.containerProbe" (dict "root" $ "probe" . "path" "/-/ready") | nindent 8 }}
      {{- end }}
      {{- with .Values.resources }}
      resources:
        {{- include "origin-probe.resources" . | nindent 8 }}
      {{- end }}
      {{- with .Values.securityContext }}
      securityContext:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      volumeMounts:
        - name: config
          mountPath: /etc/origin-probe
          readOnly: true
        {{- if .Values.webConfig.existingSecretName }}
        - name: web
          mountPath: /etc/origin-probe-web
          readOnly: true
        {{- end }}
        {{- with .Values.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    {{- with .Values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: config
      {{- if .Values.configExistingSecretName }}
      secret:
        secretName: {{ .Values.configExistingSecretName }}
      {{- else if .Values.configExistingConfigMapName }}
      configMap:
        name: {{ .Values.configExistingConfigMapName }}
      {{- else if .Values.secretConfig }}
      secret:
        secretName: {{ include "origin-probe.fullname" . }}
      {{- else }}
      configMap:
        name: {{ include "origin-probe.fullname" . }}
      {{- end }}
    {{- with .Values.webConfig.existingSecretName }}
    - name: web
      secret:
        secretName: {{ . }}
    {{- end }}
    {{- with .Values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}
